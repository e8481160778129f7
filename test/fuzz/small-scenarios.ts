/** Small scenarios with the features that the shipped ones leave out; they name files of those. */
export const SMALL_SCENARIOS: readonly string[] = [
  `perseus: 1
name: everything
seed: abc
durationS: 2
warmUpS: 0.2
profiles: [../../calibration/t4, ../../calibration/p4]
servers:
  - name: front
    replicas: 2
    machine: {kind: x, usdPerHour: 1, priceSource: made up}
    cpuCores: 2
    network: {requestDelayUs: 100, responseDelayUs: 50, bandwidthMbps: 100}
    triton: {version: "25.04", protocol: http, frontEndThreads: 2, batcherWakeUs: 5, instancePickUpUs: 2, idleCounterDrift: true}
    devices:
      - {name: gpu0, kind: Tesla T4, sharing: streams}
      - {name: gpu1, kind: Tesla T4, sharing: {mode: timeSlices, switchOverhead: 0.05, quantumUs: 2000}, memoryMb: 15000}
    models:
      - name: resnet50
        profile: resnet50-onnx-trt-fp16
        coldStart: true
        config:
          max_batch_size: 8
          instance_group: [{count: 2, kind: KIND_GPU}]
          dynamic_batching:
            preferred_batch_size: [4, 8]
            max_queue_delay_microseconds: 5000
            priority_levels: 3
            default_priority_level: 2
            default_queue_policy: {timeout_action: REJECT, default_timeout_microseconds: 20000, allow_timeout_override: true, max_queue_size: 20}
            priority_queue_policy: {1: {timeout_action: DELAY, default_timeout_microseconds: 5000}}
      - name: bert
        profile: bert-large-trt-fp16
        pipelined: true
        config: {max_batch_size: 4, dynamic_batching: {}, instance_group: [{count: 1, gpus: [1]}]}
tenants:
  - {name: first, model: resnet50, priority: 1, batchSize: 2, routing: powerOfTwo, timeoutMs: 4, load: {process: {kind: gamma, ratePerS: 150, cv: 2}, startS: 0.1, durationS: 1.5}, slo: {percentile: 95, limitMs: 30, penaltyUsdPerHour: 2}}
  - {name: second, model: resnet50, priority: 3, routing: leastOutstanding, batchSize: [{batchSize: 1, weight: 3}, {batchSize: 4, weight: 1}], load: {process: {kind: mmpp, states: [{ratePerS: 10, meanDwellS: 0.2}, {ratePerS: 400, meanDwellS: 0.1}]}, maxInFlight: 5, pacing: gap, latencyFrom: sent}}
  - {name: third, model: bert, routing: random, shape: 1, requestBytes: 5000, responseBytes: 10, load: {closedLoop: {concurrency: 3, thinkMs: 2, thinkLaw: exponential, maxRequests: 400}}}
  - {name: fourth, model: bert, servers: [front-2], load: {process: {kind: counts, counts: [10, 0, 30], binS: 0.5, repeat: true, gaps: {law: weibull, cv: 1.5}}}}
`,
  `perseus: 1
name: shares
durationS: 1
profiles: [../../calibration/t4]
servers:
  - name: one
    devices: [{name: gpu0, kind: Tesla T4, sharing: {mode: mps, shares: {a: 0.5, b: 0.25}}}]
    models:
      - {name: a, profile: resnet50-onnx-trt-fp16, config: {max_batch_size: 16, dynamic_batching: {preserve_ordering: true, max_queue_delay_microseconds: 1000}, instance_group: [{count: 2}]}}
      - {name: b, profile: wide-and-deep-trt-fp16, config: {max_batch_size: 0}}
tenants:
  - {name: x, model: a, load: {process: {kind: onOff, onRatePerS: 800, meanOnS: 0.1, meanOffS: 0.1}}, slo: {percentile: 99, limitMs: 50}}
  - {name: y, model: b, load: {process: {kind: diurnal, meanRatePerS: 100, amplitude: 0.8, periodS: 0.5, peakAtS: 0.25}, maxInFlight: 2}}
`,
  `{"perseus": 1, "name": "json", "durationS": 1.5, "profiles": ["../../calibration/t4"], "servers": [{"name": "s", "devices": [{"name": "g", "kind": "Tesla T4", "sharing": "exclusive"}], "models": [{"name": "r", "profile": "resnet50-onnx-trt-fp16", "config": {"max_batch_size": 4, "dynamic_batching": {"max_queue_delay_microseconds": 3000}}}]}], "tenants": [{"name": "t", "model": "r", "load": {"process": {"kind": "ramp", "fromRatePerS": 10, "toRatePerS": 500}}}, {"name": "u", "model": "r", "batchSize": 3, "load": {"process": {"kind": "flashCrowd", "baseRatePerS": 20, "peakRatePerS": 300, "startS": 0.3, "rampUpS": 0.1, "holdS": 0.3, "decayS": 0.2, "gaps": {"law": "constant"}}}}, {"name": "v", "model": "r", "load": {"trace": {"file": "../../traces/seed-two-clients.csv.gz", "tenant": "resnet50", "fromS": 0.5, "toS": 1, "scaleTime": 2, "scaleRate": 1.5}, "maxInFlight": 3}}]}`,
  `perseus: 1
name: calls, a cache and sequences
durationS: 1
profiles: [../../calibration/t4]
servers:
  - name: one
    triton: {cache: {sizeMb: 1, lookUpUs: 5, copyPerKilobyteUs: 0.1, hashPerKilobyteUs: 1}, ensembleStepUs: 20, blsCallUs: 30}
    devices: [{name: gpu0, kind: Tesla T4}]
    models:
      - name: whole
        config: {platform: ensemble, max_batch_size: 4, response_cache: {enable: true}, input: [{name: I, data_type: TYPE_FP32, dims: [4]}], output: [{name: O, data_type: TYPE_FP32, dims: [4]}, {name: P, data_type: TYPE_FP32, dims: [4]}], ensemble_scheduling: {step: [{model_name: before, input_map: {a: I}, output_map: {b: t}}, {model_name: net, input_map: {x: t}, output_map: {y: O}}, {model_name: net, input_map: {x: I}, output_map: {y: P}}]}}
      - {name: before, config: {backend: python, max_batch_size: 4, instance_group: [{kind: KIND_CPU, count: 2}]}, calls: [{ownMs: 1}, {call: net, probability: 0.5}, {parallel: [{call: net, inferences: 2}, {call: net, per: batch}]}]}
      - {name: net, profile: resnet50-onnx-trt-fp16, config: {max_batch_size: 8, response_cache: {enable: true}, dynamic_batching: {max_queue_delay_microseconds: 500}}}
      - {name: direct, profile: wide-and-deep-trt-fp16, config: {max_batch_size: 4, sequence_batching: {max_sequence_idle_microseconds: 30000, direct: {max_queue_delay_microseconds: 2000, minimum_slot_utilization: 0.5}}}}
      - {name: oldest, profile: wide-and-deep-trt-fp16, config: {max_batch_size: 4, sequence_batching: {oldest: {max_candidate_sequences: 6, preferred_batch_size: [2], max_queue_delay_microseconds: 1000}}, instance_group: [{count: 2}]}}
tenants:
  - {name: a, model: whole, outputs: [O], contents: {objects: 30, exponent: 1}, load: {process: {kind: poisson, ratePerS: 100}}, slo: {percentile: 95, limitMs: 50}}
  - {name: b, model: net, batchSize: 2, contents: {objects: 5}, load: {closedLoop: {concurrency: 3, thinkMs: 5}}}
  - {name: c, model: direct, load: {process: {kind: poisson, ratePerS: 20}}, sequences: {requests: 5, law: geometric, gapMs: 20}}
  - {name: d, model: oldest, load: {process: {kind: constant, ratePerS: 30}, maxInFlight: 4}, sequences: {requests: 3, gapMs: 5}}
`,
  `perseus: 1
name: streams through ensembles
durationS: 1
profiles: [../../examples/scenarios/models/chat/chat.profile.json, ../../calibration/t4]
servers:
  - name: one
    triton: {version: "26.04", ensembleStepUs: 20, rateLimit: execution_count}
    devices: [{name: gpu0, kind: Tesla T4, sharing: streams}]
    models:
      - name: talk
        config: {platform: ensemble, input: [{name: I, data_type: TYPE_FP32, dims: [4]}], output: [{name: O, data_type: TYPE_FP32, dims: [4]}], ensemble_scheduling: {max_inflight_requests: 2, step: [{model_name: before, input_map: {a: I}, output_map: {b: t}}, {model_name: chat, input_map: {a: t}, output_map: {b: u}}, {model_name: before, input_map: {a: u}, output_map: {b: O}}]}}
      - name: film
        config: {platform: ensemble, input: [{name: I, data_type: TYPE_FP32, dims: [4]}], output: [{name: O, data_type: TYPE_FP32, dims: [4]}], ensemble_scheduling: {step: [{model_name: frames, input_map: {a: I}, output_map: {b: t}}, {model_name: before, input_map: {a: t}, output_map: {b: O}}]}}
      - {name: chat, config: {backend: vllm}, engine: {maxSequences: 8, tokenBudget: 256, kvTokens: 2000}}
      - {name: frames, profile: wide-and-deep-trt-fp16, config: {max_batch_size: 4, dynamic_batching: {}, model_transaction_policy: {decoupled: true}}, responses: {mean: 3, law: geometric, firstMs: 1, gapMs: 2}}
      - {name: before, profile: resnet50-onnx-trt-fp16, config: {max_batch_size: 4, dynamic_batching: {}, instance_group: [{count: 2, rate_limiter: {resources: [{name: R, count: 1}], priority: 2}}]}}
tenants:
  - {name: a, model: talk, tokens: {prompt: {mean: 50, cv: 1}, output: {mean: 8, cv: 0.8}}, load: {process: {kind: poisson, ratePerS: 10}}, slo: {percentile: 95, limitMs: 900, firstResponseMs: 100}}
  - {name: b, model: film, load: {closedLoop: {concurrency: 3, thinkMs: 5}}}
  - {name: c, model: frames, load: {process: {kind: constant, ratePerS: 20}}}
`,
];
