/**
 * State at rest: every part of the engine gives its state as such a tree and takes it back. Typed arrays are copies
 * (the fold goes on while they are written). state/encoding.ts turns a tree into bytes and back.
 */
export type Snapshot =
  | null
  | boolean
  | number
  | string
  | Int32Array
  | Uint32Array
  | Float64Array
  | Uint8Array
  | Uint16Array
  | readonly Snapshot[]
  | { readonly [name: string]: Snapshot };
