/** Calls of other models (business logic scripting) that the code of a Python model makes. */
export interface PythonCalls {
  /** Names of the models that it calls, as far as they are written in the code, in its order. */
  readonly models: readonly string[];
  /** Those of them that are in no repository that was read. */
  readonly absent?: readonly string[];
  /** A call names a model that only the running code knows. */
  readonly hasUnknown: boolean;
  /** Those of them that are gathered: they run side by side. */
  readonly gathered: readonly string[];
  /** Its instances take further requests while earlier ones wait for their calls. */
  readonly isOverlapping?: boolean;
}

/** `pb_utils.InferenceRequest(`, not behind the sign of a comment. */
const CALL = /^[^#\n]*?\bInferenceRequest\s*\(/gm;
const NAME = /\bmodel_name\s*=\s*(?:(['"])([^'"\n]*)\1\s*[,)\n]|([A-Za-z_][\w.]*))/;
/** A constant with a text: `MODEL = "detector"`, also of the object, or of a parameter. */
const CONSTANT =
  /(?:^|[(,])[ \t]*([A-Za-z_][\w.]*)[ \t]*(?::[ \t]*str[ \t]*)?=[ \t]*(['"])([^'"\n]+)\2(?=[ \t]*(?:[,)]|(?:#.*)?$))/gm;

/** A loop over texts: `for name in ["detector", "classifier"]`. */
const LOOP = /\bfor\s+([A-Za-z_]\w*)\s+in\s*[[(]((?:[\s,]*(?:'[^'\n]+'|"[^"\n]+"))+)[\s,]*[\])]/g;

/**
 * The calls of a model.py; undefined where it makes none.
 * @param parameters texts of its configuration's `parameters`, by key
 */
export function pythonCalls(
  code: string,
  parameters: ReadonlyMap<string, string> = new Map(),
): PythonCalls | undefined {
  const calls = [...code.matchAll(CALL)];
  if (calls.length === 0) return undefined;
  const texts = textsIn(code, parameters);
  const named = calls.map((call) => {
    const start = call.index + call[0].length;
    const text = argumentsAfter(code, start);
    const end = start + text.length;
    const after = code.slice(end, end + LONGEST_CALL);
    return { names: calledModels(text, texts), isAwaited: isAwaited(call[0], after) };
  });
  const known = named.flatMap(({ names, ...call }) => names.map((name) => ({ name, ...call })));
  const gathered = /\bgather\s*\(/.test(code) ? known.filter((call) => !call.isAwaited) : [];
  return {
    models: unique(known.map(({ name }) => name)),
    hasUnknown: named.some(({ names }) => names.length === 0),
    gathered: unique(gathered.map(({ name }) => name)),
  };
}

/**
 * Whether an instance of a model.py takes further requests while it works on earlier ones: coroutines of a decoupled model overlap, and
 * threads of any that answers by senders (python_backend `pb_stub.cc`, r24.10); so seen on the real 24.10.
 */
export function overlaps(code: string, isDecoupled: boolean): boolean {
  return (isDecoupled && COROUTINE.test(code)) || (THREAD.test(code) && SENDER.test(code));
}

const COROUTINE = /\basync\s+def\s+execute\b/;
const THREAD = /\b(?:Thread|ThreadPoolExecutor|run_coroutine_threadsafe)\s*\(/;
const SENDER = /\bget_response_sender\s*\(/;

/** Whether a model.py imports a file that lies beside it, or in a folder there. */
export function isImported(code: string, file: string): boolean {
  const [, name] = /(\w+)\.py$/.exec(file) ?? [];
  return name !== undefined && new RegExp(`^[ \\t]*(?:from|import)\\b[^#\\n]*\\b${name}\\b`, 'm').test(code);
}

/** Whether a call is waited for where it is made, or where the variable that holds it makes it. */
function isAwaited(before: string, after: string): boolean {
  const [, here] = /^\s*\.\s*(exec|async_exec)\s*\(/.exec(after) ?? [];
  if (here !== undefined) return here === 'exec' || /\bawait\b/.test(before);
  const [, variable] = /([A-Za-z_]\w*)\s*=\s*[\w.]*\($/.exec(before) ?? [];
  const [, wait, later] =
    new RegExp(`(\\bawait\\s+)?\\b${variable}\\s*\\.\\s*(exec|async_exec)\\s*\\(`).exec(after) ?? [];
  return later === 'exec' || (later === 'async_exec' && wait !== undefined);
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function calledModels(text: string, texts: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const [, , literal, variable = ''] = NAME.exec(text) ?? [];
  // Of the object, or of its class.
  return literal !== undefined ? [literal] : (texts.get(variable) ?? texts.get(ownName(variable)) ?? []);
}

function ownName(variable: string): string {
  return variable.replace(/^(?:self|cls)\./, '');
}

/** Names that stand for one text, or in a loop for some, and for no others. A parameter of the configuration goes before a text. */
function textsIn(
  code: string,
  parameters: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly string[]> {
  const given = [...code.matchAll(CONSTANT)].map(([, name, , text]) => [name!, [text!]] as const);
  const looped = [...code.matchAll(LOOP)].map(([, name, list]) => [name!, literalsIn(list!)] as const);
  const found = new Map<string, readonly string[]>();
  const doubtful = new Set<string>();
  for (const [name, texts] of [...given, ...looped]) {
    if (found.has(name) && found.get(name)!.join('\n') !== texts.join('\n')) doubtful.add(name);
    found.set(name, texts);
  }
  for (const name of doubtful) found.delete(name);
  for (const [key, text] of parameters) for (const name of assignedFrom(key, code)) found.set(name, [text]);
  return found;
}

function literalsIn(list: string): readonly string[] {
  return [...list.matchAll(/'([^']+)'|"([^"]+)"/g)].map(([, single, double]) => single ?? double!);
}

/** Variables that take their value from a parameter: `self.next = parameters["next_model"]["string_value"]`. */
function assignedFrom(key: string, code: string): readonly string[] {
  return [...code.matchAll(/(['"])([^'"\n]+)\1/g)].flatMap((literal) => {
    if (literal[2] !== key) return [];
    const before = code.slice(Math.max(0, literal.index - 200), literal.index);
    return /([A-Za-z_][\w.]*)[ \t]*=(?:[^=\n]|[([{,]\s*\n)*$/.exec(before)?.[1] ?? [];
  });
}

/** No call that people write is longer. */
const LONGEST_CALL = 4000;

/** From behind an opening bracket to the closing one. */
function argumentsAfter(code: string, start: number): string {
  const end = Math.min(code.length, start + LONGEST_CALL);
  let depth = 1;
  for (let i = start; i < end; i++) {
    const character = code[i]!;
    if (character === '(' || character === '[' || character === '{') depth++;
    else if (character === ')' || character === ']' || character === '}') depth--;
    if (depth === 0) return code.slice(start, i + 1);
  }
  return code.slice(start, end);
}

/** Classes of engines that batch in flight, whatever Triton's batcher does, and whose they are. */
const ENGINES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:AsyncLLMEngine|AsyncEngineArgs|LLMEngine)\b/, 'vLLM'],
  [
    /\b(?:ModelRunnerCpp|GenerationExecutor)\b|\btensorrt_llm\.(?:executor|llmapi|hlapi)\b|\bfrom[ \t]+tensorrt_llm[ \t]+import\b[^\n]*\bLLM\b/,
    'TensorRT-LLM',
  ],
  [/^[ \t]*(?:import|from)[ \t]+sglang\b/m, 'SGLang'],
  [/^[ \t]*(?:import|from)[ \t]+lmdeploy\b/m, 'LMDeploy'],
];

/** The engine with a batching of its own that a model.py runs; undefined where it runs none that is known. */
export function pythonEngine(code: string): string | undefined {
  return ENGINES.find(([sign]) => sign.test(code))?.[1];
}
