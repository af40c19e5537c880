import { define } from './define.ts';
import type { ScalarFunction } from './function.ts';

/** The mean radius of the Earth, R1 of the IUGG: (2a + b) / 3 of GRS 80. */
const earth_radius_km = 6371.0088;

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/**
 * The haversine formula (Sinnott, Virtues of the Haversine, 1984), exact to rounding at short distances too. On the real
 * Earth, which is no sphere, it is off by 0.5 % at most. Metres: what lies behind is noise of the formula, and the last
 * digit of Math.sin may differ from one runtime to another.
 */
function distance_km(lat_1: number, lon_1: number, lat_2: number, lon_2: number): number {
  const [y1, y2] = [radians(lat_1), radians(lat_2)];
  const half_y = Math.sin((y2 - y1) / 2);
  const half_x = Math.sin(radians(lon_2 - lon_1) / 2);
  const square = half_y * half_y + Math.cos(y1) * Math.cos(y2) * half_x * half_x;
  const km = 2 * earth_radius_km * Math.asin(Math.sqrt(Math.min(1, Math.max(0, square))));
  return Math.round(km * 1000) / 1000;
}

/** Places on the Earth. */
export const geographyFunctions: readonly ScalarFunction[] = [
  define({
    name: 'distance_km',
    signature: 'distance_km(lat1, lon1, lat2, lon2)',
    group: 'number',
    parameters: ['number', 'number', 'number', 'number'],
    result: 'float',
    evaluate: ([lat_1, lon_1, lat_2, lon_2]) =>
      distance_km(lat_1 as number, lon_1 as number, lat_2 as number, lon_2 as number),
    summary: 'Great-circle distance in kilometres of two places given in degrees, to the metre.',
    example: { text: 'distance_km(52.52, 13.405, 48.8566, 2.3522)', value: 877.465 },
  }),
];
