/** The only door of this folder. */
export { buildProgram } from './build-program.ts';
