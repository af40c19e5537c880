/**
 * Milliseconds of a processor that this thread has used. Unlike the clock on the wall it leaves out what neighbours on a
 * busy machine take; what the garbage collector and the compiler do in other threads is left out too.
 */
export function cpuTime_ms(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
