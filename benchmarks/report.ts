/** Collects what the benchmark prints: lines as they come, and at the end the goals, met or missed. */
export class Report {
  readonly #goals: { name: string; met: boolean; figure: string }[] = [];

  line(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  goal(name: string, met: boolean, figure: string): void {
    this.#goals.push({ name, met, figure });
    this.line(`  ${met ? 'met   ' : 'MISSED'} ${name}: ${figure}`);
  }

  /** Prints the summary; the exit code is 1 when a goal was missed. */
  close(): number {
    const missed = this.#goals.filter((goal) => !goal.met);
    this.line(`\n${this.#goals.length - missed.length} goals met, ${missed.length} missed`);
    for (const { name, figure } of missed) this.line(`  missed: ${name}: ${figure}`);
    return missed.length === 0 ? 0 : 1;
  }
}
