import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { call } from './call.ts';

const pi_radius_km = Math.PI * 6371.0088;

test('distance_km: known distances', () => {
  assert.equal(call('distance_km', 0, 0, 90, 17), 10007.557);
  assert.equal(call('distance_km', 0, 0, 0, 180), Math.round(pi_radius_km * 1000) / 1000);
  assert.equal(call('distance_km', 52.5, 13.4, 52.5, 13.4), 0);
  // Over the date line, a degree of longitude on the equator.
  assert.equal(call('distance_km', 0, 179.5, 0, -179.5), 111.195);
  assert.equal(call('distance_km', null, 0, 0, 0), null);
  assert.equal(call('distance_km', 0, 0, 0, 'x'.length), 111.195);
});

/** Vincenty's formula for a sphere (1975), which shares no step with the haversine. */
function vincenty_km(lat_1: number, lon_1: number, lat_2: number, lon_2: number): number {
  const [y1, y2, x] = [lat_1, lat_2, lon_2 - lon_1].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
    number,
  ];
  const east = Math.cos(y2) * Math.sin(x);
  const north = Math.cos(y1) * Math.sin(y2) - Math.sin(y1) * Math.cos(y2) * Math.cos(x);
  const along = Math.sin(y1) * Math.sin(y2) + Math.cos(y1) * Math.cos(y2) * Math.cos(x);
  return 6371.0088 * Math.atan2(Math.hypot(east, north), along);
}

test('distance_km: as another formula says, to a metre and a half, and the same both ways', () => {
  const latitude = fc.double({ min: -90, max: 90, noNaN: true });
  const longitude = fc.double({ min: -180, max: 180, noNaN: true });
  fc.assert(
    fc.property(latitude, longitude, latitude, longitude, (...place) => {
      const [lat_1, lon_1, lat_2, lon_2] = place;
      const km = call('distance_km', ...place) as number;
      // Near the other side of the Earth the haversine loses half of its digits.
      const tolerance_km = km > pi_radius_km - 1 ? 0.1 : 0.0015;
      assert.ok(Math.abs(km - vincenty_km(...place)) <= tolerance_km, `${place}: ${km}`);
      assert.equal(call('distance_km', lat_2, lon_2, lat_1, lon_1), km);
    }),
  );
});
