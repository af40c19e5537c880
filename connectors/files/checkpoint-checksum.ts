import { createCipheriv } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Over bytes that come one after the other, however they are divided. */
export interface Checksum {
  add(bytes: Uint8Array): void;
  /** Of all that was added; nothing is added afterwards. */
  end(): Uint8Array;
}

/** Of checkpoints of format 1. */
export class Crc32 implements Checksum {
  static readonly bytes = 4;
  #sum = 0;

  add(bytes: Uint8Array): void {
    this.#sum = crc32(bytes, this.#sum);
  }

  end(): Uint8Array {
    const sum = new Uint8Array(Crc32.bytes);
    new DataView(sum.buffer).setUint32(0, this.#sum, true);
    return sum;
  }
}

/**
 * The tag that AES-GCM gives for data which it does not encrypt: 128 bits, and processors have instructions for it, so that
 * it takes a third of the time of a CRC32. The key is known to all: it tells damage, and not who wrote the file.
 */
export class GcmTag implements Checksum {
  static readonly bytes = 16;
  readonly #cipher = createCipheriv('aes-128-gcm', new Uint8Array(16), new Uint8Array(12));

  add(bytes: Uint8Array): void {
    this.#cipher.setAAD(bytes);
  }

  end(): Uint8Array {
    this.#cipher.final();
    return this.#cipher.getAuthTag();
  }
}
