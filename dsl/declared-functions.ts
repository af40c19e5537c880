import type { Compilation } from './compile.ts';
import type { SourceFile } from './diagnostics/diagnostic.ts';
import { SourceText } from './diagnostics/source-text.ts';

/** A function that a rule file declares, for a reader: `weir explain NAME`, `weir functions PATHS`. */
export interface DeclaredFunction {
  readonly kind: 'function';
  readonly name: string;
  /** 'is_tool(agent string) RETURNS bool' */
  readonly signature: string;
  /** As it is written, on one line. */
  readonly expression: string;
  readonly path: string;
  readonly line: number;
}

/** Every CREATE FUNCTION of the files that parse, in their order. */
export function declaredFunctions({ parsed }: Compilation, files: readonly SourceFile[]): DeclaredFunction[] {
  return parsed.flatMap(({ path, statements }) => {
    const text = files.find((file) => file.path === path)?.text ?? '';
    const source = new SourceText(text);
    return statements.flatMap((statement) => {
      if (statement.kind !== 'function') return [];
      const { name, arguments: given, returns, span } = statement;
      const list = given.map((argument) => `${argument.name.text} ${argument.type.text.toLowerCase()}`).join(', ');
      const written = text.slice(returns.span.offset + returns.span.length, span.offset + span.length);
      return {
        kind: 'function' as const,
        name: name.text,
        signature: `${name.text}(${list}) RETURNS ${returns.text.toLowerCase()}`,
        expression: written
          .replace(/^\s*AS\b/i, '')
          .replace(/;\s*$/, '')
          .replace(/\s+/g, ' ')
          .trim(),
        ...{ path, line: source.position(span.offset).line },
      };
    });
  });
}
