import { describe, expect, it } from 'vitest';
import { doubtOfStandIn, type ShippedProfile, standInFor } from '../../../src/scenario/starter/stand-in.js';
import { profile } from '../fixtures.js';

const shipped: readonly ShippedProfile[] = [
  ...['resnet50-onnx-trt-fp16', 'resnet50-tensorflow-fp16', 'bert-large-trt-fp16', 'tft-trt-fp16-table1'],
  ...['wide-and-deep-trt-fp16', 'ssd-mobilenet-nvidia-a10x1', 'mobilenet'],
]
  .map((name): ShippedProfile => ({ folder: 't4', profile: profile(name, 'Tesla T4') }))
  .concat([{ folder: 'cpu-sample', profile: profile('large', 'CPU') }]);

const standIn = (name: string, { platform = '', backend = '', device = 'Tesla T4' } = {}) => {
  const found = standInFor({ name, platform, backend }, device, shipped);
  return found && [found.profile.model, found.isSameNetwork ? 'same' : 'family'];
};

describe('the profile that stands in', () => {
  it('is that of the network that the name holds, of the backend that serves it', () => {
    expect(standIn('resnet50')).toEqual(['resnet50-onnx-trt-fp16', 'same']);
    expect(standIn('my_ResNet-50_v2', { platform: 'tensorflow_savedmodel' })).toEqual([
      'resnet50-tensorflow-fp16',
      'same',
    ]);
    expect(standIn('WideAndDeep')).toEqual(['wide-and-deep-trt-fp16', 'same']);
  });

  it('is that of the longer name where one holds the other', () => {
    expect(standIn('ssd_mobilenet')).toEqual(['ssd-mobilenet-nvidia-a10x1', 'same']);
    expect(standIn('mobilenet')).toEqual(['mobilenet', 'same']);
  });

  it('is doubted by what is known of it, and not by what is not', () => {
    const one = profile('resnet50', 'A10');
    const doubt = (backend: string, precision: string) => {
      const named = { ...one, provenance: { ...one.provenance, backend, precision } };
      return doubtOfStandIn({ profile: named, folder: 'mlperf-a10', isSameNetwork: true });
    };
    expect(doubt('TensorRT', 'FP16')).toContain('a network of that name in TensorRT, FP16; ');
    expect(doubt('TensorRT', 'unknown')).toContain('a network of that name in TensorRT; ');
    expect(doubt('unknown', 'unknown')).toContain('a network of that name; ');
  });

  it('is none for a step before or after the network whose name it has', () => {
    for (const name of ['bert.tokenizer', 'resnet50_preprocess', 'mobilenet-post-processing'])
      expect(standIn(name)).toBeUndefined();
  });

  it('may be of another network of the family', () => {
    expect(standIn('resnet101')).toEqual(['resnet50-onnx-trt-fp16', 'family']);
    expect(standIn('distilbert')).toEqual(['bert-large-trt-fp16', 'family']);
    expect(standIn('sales-tft')).toEqual(['tft-trt-fp16-table1', 'same']);
  });

  it('is another network of the family where the name has the network within a word', () => {
    const bert = [{ folder: 'mlperf-a10', profile: profile('bert-99-nvidia-a10x1', 'A10') }];
    const isSame = (name: string) =>
      standInFor({ name, platform: '', backend: '' }, 'A10', bert)?.isSameNetwork;
    expect(['bert', 'bert_qa', 'my-BERT.2'].map(isSame)).toEqual([true, true, true]);
    expect(['distilbert', 'roberta', 'mobilebert_qa'].map(isSame)).toEqual([false, false, false]);
  });

  it('is of the size that the name tells, and else the slowest of the family', () => {
    const berts = (
      [
        ['bert-dist4l-trt-fp16', 1],
        ['bert-large-trt-fp16', 14],
        ['bert-dist6l-onnx-fp16', 2],
      ] as const
    ).map(([name, inferMs]): ShippedProfile => {
      const one = profile(name, 'Tesla T4');
      const service = one.service.map((point) => ({ ...point, inferMs: inferMs * point.batchSize }));
      return { folder: 't4', profile: { ...one, service } };
    });
    const of = (name: string) =>
      standInFor({ name, platform: 'tensorrt_plan', backend: '' }, 'Tesla T4', berts)!.profile.model;
    expect(of('roberta_large_rank')).toBe('bert-large-trt-fp16');
    expect(of('distilbert')).toBe('bert-dist4l-trt-fp16');
    expect(of('bert_base_qa')).toBe('bert-large-trt-fp16');
  });

  it('is none where the name tells nothing, on that device', () => {
    expect(standIn('postprocess')).toBeUndefined();
    expect(standIn('softfttable')).toBeUndefined();
    expect(standIn('resnet50', { device: 'A30' })).toBeUndefined();
    expect(standIn('bert_large', { device: 'CPU' })).toBeUndefined();
  });
});
