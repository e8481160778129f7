/** Instances of a model on one device: Triton starts a thread for each, and nobody means more. */
export const MOST_INSTANCES = 1024;

/** Instances of all servers together; more is a slip, and would only fill memory. */
export const MOST_INSTANCES_IN_ALL = 1_000_000;

/** GPUs of one machine: a configuration that is read before its machine is known may name so many. */
export const MOST_GPUS = 16;
