/** A city that people live in: where it is, its distance from UTC in hours, and how many people come from there. */
export interface Place {
  readonly city: string;
  readonly country: string;
  readonly lat: number;
  readonly lon: number;
  readonly utc_hours: number;
  readonly weight: number;
}

const rows: readonly (readonly [string, string, number, number, number, number])[] = [
  ['New York', 'US', 40.71, -74.01, -5, 9],
  ['Chicago', 'US', 41.88, -87.63, -6, 6],
  ['Los Angeles', 'US', 34.05, -118.24, -8, 7],
  ['Toronto', 'CA', 43.65, -79.38, -5, 3],
  ['Sao Paulo', 'BR', -23.55, -46.63, -3, 6],
  ['Recife', 'BR', -8.05, -34.88, -3, 2],
  ['Mexico City', 'MX', 19.43, -99.13, -6, 4],
  ['London', 'GB', 51.51, -0.13, 0, 7],
  ['Manchester', 'GB', 53.48, -2.24, 0, 3],
  ['Berlin', 'DE', 52.52, 13.4, 1, 7],
  ['Munich', 'DE', 48.14, 11.58, 1, 4],
  ['Paris', 'FR', 48.86, 2.35, 1, 5],
  ['Lyon', 'FR', 45.76, 4.84, 1, 2],
  ['Madrid', 'ES', 40.42, -3.7, 1, 4],
  ['Warsaw', 'PL', 52.23, 21.01, 1, 3],
  ['Rome', 'IT', 41.9, 12.5, 1, 3],
  ['Stockholm', 'SE', 59.33, 18.07, 1, 2],
  ['Bucharest', 'RO', 44.43, 26.1, 2, 2],
  ['Johannesburg', 'ZA', -26.2, 28.05, 2, 2],
  ['Lagos', 'NG', 6.52, 3.38, 1, 3],
  ['Istanbul', 'TR', 41.01, 28.98, 3, 3],
  ['Mumbai', 'IN', 19.08, 72.88, 5.5, 6],
  ['Bengaluru', 'IN', 12.97, 77.59, 5.5, 4],
  ['Jakarta', 'ID', -6.21, 106.85, 7, 4],
  ['Hanoi', 'VN', 21.03, 105.85, 7, 2],
  ['Tokyo', 'JP', 35.68, 139.69, 9, 5],
  ['Seoul', 'KR', 37.57, 126.98, 9, 3],
  ['Sydney', 'AU', -33.87, 151.21, 10, 3],
];

export const places: readonly Place[] = rows.map(([city, country, lat, lon, utc_hours, weight]) => {
  return { city, country, lat, lon, utc_hours, weight };
});

export const countries: readonly string[] = [...new Set(places.map(({ country }) => country))];

/** Great-circle distance in kilometres (haversine, a sphere of 6,371 km). */
export function distanceKm(a: Pick<Place, 'lat' | 'lon'>, b: Pick<Place, 'lat' | 'lon'>): number {
  const radians = Math.PI / 180;
  const north = Math.sin(((b.lat - a.lat) * radians) / 2) ** 2;
  const east = Math.sin(((b.lon - a.lon) * radians) / 2) ** 2;
  return 2 * 6371 * Math.asin(Math.sqrt(north + Math.cos(a.lat * radians) * Math.cos(b.lat * radians) * east));
}
