// The plain batching rule in C++: an idle instance takes what waits, up to the largest batch.
//
// A yardstick for the speed of the TypeScript simulator, written the way one would write it for
// speed: arrivals in one sorted array merged with a binary heap of completions, a queue per model as
// two counters into an index, latencies into a flat array. It knows none of Triton's rules (no
// payloads committed ahead, no wake-up or pick-up times, no sharing).
//
// usage: plain_rule MODELS INSTANCES MAX_BATCH REQUESTS LOAD SEED REPEATS
// prints: of each repeat a line with its seconds of wall and of CPU time.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <vector>

struct Completion {
  int64_t at_ns;
  int32_t model;
  int32_t instance;
};
struct Later {
  bool operator()(const Completion& a, const Completion& b) const { return a.at_ns > b.at_ns; }
};

struct Workload {
  std::vector<int64_t> arrival_ns;  // all models, in order of time
  std::vector<int32_t> model;
};

static Workload make_workload(int models, int64_t requests, double rate_per_ns, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::exponential_distribution<double> gap(rate_per_ns * models);
  std::uniform_int_distribution<int> pick(0, models - 1);
  Workload workload;
  workload.arrival_ns.reserve(requests);
  workload.model.reserve(requests);
  double at = 0;
  for (int64_t i = 0; i < requests; i++) {
    at += gap(random);
    workload.arrival_ns.push_back(int64_t(at / 1000) * 1000);
    workload.model.push_back(pick(random));
  }
  return workload;
}

struct Model {
  std::vector<int32_t> waiting;  // rows of this model's requests, in order
  size_t head = 0;
  size_t tail = 0;
  std::vector<int32_t> idle;
};

int main(int argc, char** argv) {
  if (argc != 8) return 2;
  const int models = atoi(argv[1]), instances = atoi(argv[2]), max_batch = atoi(argv[3]);
  const int64_t requests = atoll(argv[4]);
  const double load = atof(argv[5]);
  const int repeats = atoi(argv[7]);
  std::vector<int64_t> service_ns(max_batch + 1);
  for (int b = 0; b <= max_batch; b++) service_ns[b] = 2000000 + 250000 * b;
  const double rate_per_ns = load * max_batch * instances / double(service_ns[max_batch]);
  const Workload workload = make_workload(models, requests, rate_per_ns, strtoull(argv[6], nullptr, 10));

  double sum = 0;
  for (int repeat = 0; repeat < repeats; repeat++) {
    std::vector<float> latency_us(requests);
    const auto started = std::chrono::steady_clock::now();
    const clock_t started_cpu = clock();
    std::vector<Model> state(models);
    std::vector<int64_t> count(models);
    for (int32_t m : workload.model) count[m]++;
    for (int m = 0; m < models; m++) {
      state[m].waiting.resize(count[m]);
      for (int i = instances - 1; i >= 0; i--) state[m].idle.push_back(i);
    }
    std::vector<Completion> heap;
    auto dispatch = [&](int m, int64_t now) {
      Model& model = state[m];
      const size_t batch = std::min<size_t>(model.tail - model.head, max_batch);
      const int64_t end = now + service_ns[batch];
      for (size_t i = model.head; i < model.head + batch; i++) {
        const int32_t row = model.waiting[i];
        latency_us[row] = float(end - workload.arrival_ns[row]) * 1e-3f;
      }
      model.head += batch;
      heap.push_back({end, m, model.idle.back()});
      model.idle.pop_back();
      std::push_heap(heap.begin(), heap.end(), Later());
    };
    int64_t next = 0;
    while (next < requests || !heap.empty()) {
      const int64_t arrival = next < requests ? workload.arrival_ns[next] : INT64_MAX;
      if (!heap.empty() && heap.front().at_ns <= arrival) {
        const Completion done = heap.front();
        std::pop_heap(heap.begin(), heap.end(), Later());
        heap.pop_back();
        Model& model = state[done.model];
        model.idle.push_back(done.instance);
        if (model.head < model.tail) dispatch(done.model, done.at_ns);
      } else {
        Model& model = state[workload.model[next]];
        model.waiting[model.tail++] = int32_t(next);
        if (!model.idle.empty()) dispatch(workload.model[next], arrival);
        next++;
      }
    }
    const double cpu_seconds = double(clock() - started_cpu) / CLOCKS_PER_SEC;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    for (float us : latency_us) sum += us;
    printf("%.6f %.6f\n", seconds, cpu_seconds);
  }
  // Every latency is looked at, so that none can be left out by the compiler.
  fprintf(stderr, "mean latency %.6f ms\n", sum / requests / repeats / 1000);
}
