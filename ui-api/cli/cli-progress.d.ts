/** The part of cli-progress that progress.ts uses; the package brings no types. */
declare module 'cli-progress' {
  export interface BarOptions {
    readonly stream: NodeJS.WritableStream;
    readonly format: string;
    readonly barsize: number;
    readonly hideCursor: boolean;
    readonly clearOnComplete: boolean;
    readonly noTTYOutput: boolean;
    readonly synchronousUpdate: boolean;
    readonly stopOnComplete: boolean;
  }
  export interface BarPreset {
    readonly barCompleteChar: string;
    readonly barIncompleteChar: string;
  }
  export class SingleBar {
    constructor(options: BarOptions, preset: BarPreset);
    start(total: number, value: number, payload?: Readonly<Record<string, string>>): void;
    update(value: number, payload?: Readonly<Record<string, string>>): void;
    stop(): void;
  }
  const bundle: { readonly SingleBar: typeof SingleBar; readonly Presets: { readonly shades_classic: BarPreset } };
  export default bundle;
}
