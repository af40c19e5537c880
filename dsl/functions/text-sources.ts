/** The domain of an email address in lower case, without a root dot; NULL where there is no local part or no domain. */
export function emailDomain(address: string): string | null {
  const at = address.lastIndexOf('@');
  if (at <= 0) return null;
  const domain = address
    .slice(at + 1)
    .trim()
    .toLowerCase()
    .replace(/\.$/, '');
  return domain === '' ? null : domain;
}

const scheme = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * The host of a URL by the WHATWG rules, which are a browser's: attackers write URLs that other parsers read
 * otherwise (`http://good.example\@evil.example`). An IPv6 host loses its brackets.
 */
export function urlHost(text: string): string | null {
  const url = URL.parse(scheme.test(text) ? text : `https://${text}`);
  if (url === null || url.hostname === '') return null;
  return url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}
