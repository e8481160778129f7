import type * as z from 'zod';
import type { Immutable } from '../base/immutable.js';
import type { ServerProfileSchema } from './server-schema.js';

/** What holds for every model of one server: the content of a server profile file (`server.json`, in the folder of its models' profiles). */
export type ServerProfile = Immutable<z.output<typeof ServerProfileSchema>>;

/** A server profile and the file it was read from. */
export interface ServerProfileFile {
  readonly file: string;
  readonly server: ServerProfile;
}
