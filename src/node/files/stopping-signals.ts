/** What asks a process to end: Ctrl-C, kill, and a terminal that is closed or a connection to it that breaks. */
export const STOPPING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
