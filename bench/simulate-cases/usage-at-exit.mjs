// Loaded before the command line: writes what the process took, when it ends, into the file that PERSEUS_USAGE names.
import { writeFileSync } from 'node:fs';

process.on('exit', () => writeFileSync(process.env.PERSEUS_USAGE, JSON.stringify(process.resourceUsage())));
