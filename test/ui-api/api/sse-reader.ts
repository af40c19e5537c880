/** What a reader of server-sent events has seen, and where it stands. */
export class SseReader {
  readonly #abort = new AbortController();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = '';
  last_id = '';
  readonly events: { readonly event: string; readonly data: Record<string, unknown> }[] = [];

  private constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
  }

  static async open(url: string, token: string, last_id = ''): Promise<SseReader> {
    const headers = { authorization: `Bearer ${token}`, ...(last_id === '' ? {} : { 'last-event-id': last_id }) };
    const answer = await fetch(url, { headers });
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
    const reader = new SseReader(answer.body as ReadableStream<Uint8Array>);
    reader.last_id = last_id;
    return reader;
  }

  /** Reads on until it has seen so many events, or the stream ends. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      const { value, done } = await this.#reader.read();
      if (done) return;
      this.#take(Buffer.from(value).toString('utf8'));
    }
  }

  #take(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf('\n\n'); end >= 0; end = this.#text.indexOf('\n\n')) {
      const lines = this.#text.slice(0, end).split('\n');
      this.#text = this.#text.slice(end + 2);
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      this.last_id = field('id') ?? this.last_id;
      const data = field('data');
      if (data !== undefined) this.events.push({ event: field('event') ?? 'message', data: JSON.parse(data) });
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
    this.#abort.abort();
  }
}
