import type { ServerFacts } from './serving.js';

/** What holds for every model of one server: the content of a server profile file (`server.json`, in the folder of its models' profiles). */
export interface ServerProfile extends ServerFacts {
  readonly format: 'perseus-server/1';
  /** Absent = unknown. */
  readonly provenance?: {
    readonly source: string;
    readonly date: string;
    readonly serverVersion: string;
    readonly notes: string;
  };
}

/** A server profile and the file it was read from. */
export interface ServerProfileFile {
  readonly file: string;
  readonly server: ServerProfile;
}
