import { LiveError } from '../../live/inference-client.js';

/** Not the server failed: somebody else works with what is measured. */
export class SomebodyElse extends LiveError {
  constructor(message: string, remedy: string) {
    super('server', message, remedy);
  }
}

/** A model is served otherwise than when the calibration began: no point can be added to those measured. */
export class ModelChanged extends SomebodyElse {
  constructor(model: string) {
    super(
      `"${model}" was loaded under another configuration, or in another version, meanwhile`,
      'load it as it was, or calibrate it anew into another folder',
    );
  }
}
