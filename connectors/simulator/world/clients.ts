import { Random } from './random.ts';

/** A browser or app on a machine. Equal models share fingerprints, as they do in life: a fingerprint names no account. */
export interface Device {
  readonly kind: 'phone' | 'desktop';
  readonly user_agent: string;
  readonly id: string;
  readonly fingerprint: string;
  readonly is_apple: boolean;
}

const phones = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_2 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
  'Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Linux; Android 14; 23053RN02A) AppleWebKit/537.36 Chrome/138.0 Mobile Safari/537.36',
];
const desktops = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 15_6) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 15_6) AppleWebKit/537.36 Chrome/141.0 Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36',
];

const phone_variants = 400;
const desktop_variants = 6000;

/** Made once each: all owners of one model and variant share it. */
const fingerprints = new Map<string, string>();

function fingerprintOf(kind: Device['kind'], model: number, variant: number): string {
  const name = `${kind} ${model} ${variant}`;
  const known = fingerprints.get(name);
  if (known !== undefined) return known;
  const fingerprint = Random.of(variant, kind, model).hex(20);
  fingerprints.set(name, fingerprint);
  return fingerprint;
}

/** A device as anybody may have one: a person's own, or an attacker's. */
export function drawDevice(random: Random, kind: Device['kind']): Device {
  const agents = kind === 'phone' ? phones : desktops;
  const model = random.below(agents.length);
  const variant = random.below(kind === 'phone' ? phone_variants : desktop_variants);
  const user_agent = agents[model];
  return {
    kind,
    user_agent,
    id: random.hex(16),
    fingerprint: fingerprintOf(kind, model, variant),
    is_apple: /iPhone|Macintosh/.test(user_agent),
  };
}
