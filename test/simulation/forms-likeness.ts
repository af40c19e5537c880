import type { Form } from './forms.ts';

/** Jaro (1989): characters that are equal and near enough match, each once; half of those that stand otherwise are moved. */
function jaro(a: readonly string[], b: readonly string[]): number {
  const near = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const taken = new Set<number>();
  const ofA = a.filter((one, i) => {
    const j = b.findIndex((other, k) => other === one && !taken.has(k) && k >= i - near && k <= i + near);
    if (j >= 0) taken.add(j);
    return j >= 0;
  });
  const ofB = b.filter((_, j) => taken.has(j));
  const m = ofA.length;
  if (m === 0) return 0;
  const moved = ofA.filter((one, i) => one !== ofB[i]).length / 2;
  return (m / a.length + m / b.length + (m - moved) / m) / 3;
}

/** Winkler (1990): up to four first characters in common raise it, where it is above 0.7 already. */
function jaroWinkler(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  if (a.length + b.length === 0) return 1;
  const likeness = jaro(a, b);
  const differ = a.findIndex((one, i) => one !== b[i]);
  const common = Math.min(4, differ < 0 ? a.length : differ);
  return likeness > 0.7 ? likeness + common * 0.1 * (1 - likeness) : likeness;
}

/** Places on a globe as vectors: the angle between them by their cross and their dot product. */
function distance(lat_1: number, lon_1: number, lat_2: number, lon_2: number): number {
  const vector = (lat: number, lon: number): [number, number, number] => {
    const [y, x] = [(lat / 180) * Math.PI, (lon / 180) * Math.PI];
    return [Math.cos(y) * Math.cos(x), Math.cos(y) * Math.sin(x), Math.sin(y)];
  };
  const [[a, b, c], [d, e, f]] = [vector(lat_1, lon_1), vector(lat_2, lon_2)];
  const cross = Math.hypot(b * f - c * e, c * d - a * f, a * e - b * d);
  return 6371.0088 * Math.atan2(cross, a * d + b * e + c * f);
}

const letters = /^[A-Za-z]+$/;
const plain = /^[A-Za-z0-9_ÄÖÜäöüéè.-]*$/;

/** Functions that say how alike texts and places are, and what stands behind a spelling; of inputs whose answers are plain. */
export const likenessForms: Record<string, Form> = {
  jaro_winkler: {
    takes: ['string', 'string'],
    gives: 'int',
    sql: (a, b) => `round(jaro_winkler(${a}, ${b}) * 10000)`,
    means: (a: string, b: string) => Math.round(jaroWinkler(a, b) * 10_000),
  },
  distance_km: {
    takes: ['float', 'float'],
    gives: 'int',
    sql: (lat, lon) =>
      `round(distance_km(CASE WHEN abs(${lat}) < 90 THEN ${lat} END, 13.4, 48.8, CASE WHEN abs(${lon}) < 180 THEN ${lon} END))`,
    means: (lat: number, lon: number) =>
      Math.abs(lat) < 90 && Math.abs(lon) < 180 ? Math.round(distance(lat, 13.4, 48.8, lon)) : null,
  },
  url_host: {
    takes: ['string'],
    gives: 'string',
    sql: (a) => `url_host(CASE WHEN ${a} ~ '^[A-Za-z]+$' THEN 'https://user@' || ${a} || '.Example:8443/a?b=@c' END)`,
    means: (a: string) => (letters.test(a) ? `${a.toLowerCase()}.example` : null),
  },
  skeleton: {
    takes: ['string'],
    gives: 'string',
    sql: (a) => `skeleton(CASE WHEN ${a} ~ '^[A-Za-z0-9_ÄÖÜäöüéè.-]*$' THEN ${a} END)`,
    means: (a: string) => {
      if (!plain.test(a)) return null;
      const bare = a.normalize('NFD').replace(/[\u0300-\u036f]/g, '');
      return bare.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l');
    },
  },
};
