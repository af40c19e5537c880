import { type Measured, median, millionsPerSecond } from './measure.ts';

/** What was measured: a number with its unit, and each round of it where there were several. */
export interface Figure {
  /** What belongs together, and in the picture stands together. */
  readonly group: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly rounds?: readonly number[];
}

export interface Goal {
  readonly name: string;
  readonly met: boolean;
  readonly figure: string;
}

/** Collects what the benchmark says: lines, printed as they come, figures, and the goals, met or missed. */
export class Report {
  readonly figures: Figure[] = [];
  readonly goals: Goal[] = [];

  line(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  figure(figure: Figure): void {
    this.figures.push(figure);
  }

  /** A contestant's line, and its throughput over `count` events as a figure. */
  speed(group: string, result: Measured, count: number, more = ''): void {
    this.line(
      `  ${result.name.padStart(12)} ${millionsPerSecond(result, count)} M events/s, ${result.detections} detections${more}`,
    );
    const rounds = result.rounds_ms.map((took_ms) => count / took_ms / 1000);
    this.figure({ group, name: result.name, value: median(rounds), unit: 'M events/s', rounds });
  }

  goal(name: string, met: boolean, figure: string): void {
    this.goals.push({ name, met, figure });
    this.line(`  ${met ? 'met   ' : 'MISSED'} ${name}: ${figure}`);
  }

  /** Prints the summary; the exit code is 1 when a goal was missed. */
  close(): number {
    const missed = this.goals.filter((goal) => !goal.met);
    this.line(`\n${this.goals.length - missed.length} goals met, ${missed.length} missed`);
    for (const { name, figure } of missed) this.line(`  missed: ${name}: ${figure}`);
    return missed.length === 0 ? 0 : 1;
  }
}
