/** What Triton's inference and generate extensions take. Health checks, statistics and configurations stand beside it. */
const INFERENCE = /^\/v2\/models\/([^/]+)(?:\/versions\/[^/]+)?\/(?:infer|generate|generate_stream)$/;

/** The path of a request's target, which may be a whole address; undefined where it has none, as in what scanners send. */
export function pathOf(target: string): string | undefined {
  return /^(?:[a-z]+:\/\/[^/?]*)?(\/[^?]*)/.exec(target)?.[1];
}

/** The model of an inference at `/v2/models/NAME/…`; undefined for other paths. */
export function modelOfPath(path: string): string | undefined {
  return INFERENCE.exec(path)?.[1];
}

/** Whose a request is by a cell: a path or a line like `POST /a HTTP/1.1` stands for its model, else for its path; others for themselves. */
export function tenantOfCell(cell: string): string {
  const target = /^[A-Z]+ (\S+) HTTP\/[\d.]+$/.exec(cell)?.[1] ?? (cell.startsWith('/') ? cell : '');
  const path = pathOf(target);
  return path === undefined ? cell : (modelOfPath(path) ?? path);
}
