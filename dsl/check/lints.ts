import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { CheckedProgram } from './program.ts';

export function lintProgram(_program: CheckedProgram, _diagnostics: Diagnostic[]): void {}
