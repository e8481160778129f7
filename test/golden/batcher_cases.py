"""Random batching cases with the executions of the reference simulator, as JSON lines on stdout.

usage: batcher_cases.py REFERENCE.py COUNT SEED

One time unit everywhere (the reference's microseconds are taken as nanoseconds). Arrivals are
spread over wide ranges so that two events practically never share an instant: the order of events
at one instant is each simulator's own.
"""
import importlib.util
import json
import random
import signal
import sys


def load(path):
    spec = importlib.util.spec_from_file_location("batcher_ref", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.BIG = 500e6
    return module


def random_case(rng):
    maximum = rng.choice([1, 2, 3, 4, 5, 8, 8, 8, 16, 32])
    preferred = None
    if rng.random() < 0.4:
        preferred = sorted(rng.sample(range(1, maximum + 1), rng.randint(1, min(3, maximum))))
    fixed = rng.randrange(100_001, 5_000_001, 2)
    item = rng.randrange(10_001, 900_001, 2)
    service = fixed + item * maximum
    delay = rng.choice([0, 0, int(0.1 * service), int(0.5 * service), int(1.3 * service), 20 * service]) // 1000 * 1000
    instances = rng.choice([1, 1, 1, 2, 2, 3, 4])
    enforce = rng.random() < 0.2
    unit = rng.random() < 0.6 and not enforce
    load = rng.choice([0.2, 0.5, 0.8, 1.0, 1.4])
    sizes = [1 if unit else rng.randint(1, max(1, maximum // 2) if rng.random() < 0.9 else maximum) for _ in range(rng.choice([20, 60, 200]))]
    mean = sum(sizes) / len(sizes)
    gap = service * mean / (maximum * instances * load)
    now, requests = 1, []
    for size in sizes:
        now += max(1, int(rng.expovariate(1) * gap)) if rng.random() < 0.9 else 7 + rng.randrange(1000)
        requests.append([now, size, rng.randrange(2) if enforce and rng.random() < 0.3 else 0])
    return {
        "maxBatchSize": maximum, "preferred": preferred, "delayNs": delay, "instances": instances,
        "fixedNs": fixed, "itemNs": item, "prefetch": rng.random() < 0.6, "enforceEqualShape": enforce,
        "wakeNs": rng.choice([5003, 5003, 2011, 30011, 150007]), "pickUpNs": rng.choice([2003, 2003, 30029, 401]),
        "requests": requests,
    }


def run(ref, case):
    sim = ref.Sim(
        M=case["maxBatchSize"], preferred=case["preferred"], delay=case["delayNs"], n=case["instances"],
        svc=lambda b: case["fixedNs"] + case["itemNs"] * b, prefetch=case["prefetch"],
        enforce_shape=case["enforceEqualShape"], wake=case["wakeNs"], pickup=case["pickUpNs"])
    sim.expect = len(case["requests"])
    for number, (at, size, shape) in enumerate(case["requests"]):
        sim.at(at, lambda r=ref.Req(number, size, at, shape): sim.arrive(r))
    sim.run(until=1e13)
    return sorted([int(t), b, n] for t, b, n in sim.execs), len(sim.done)


def main():
    ref, count, rng = load(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))

    def give_up(*_):
        raise TimeoutError

    signal.signal(signal.SIGALRM, give_up)
    written = 0
    while written < count:
        case = random_case(rng)
        signal.setitimer(signal.ITIMER_REAL, 1.0)
        try:
            executions, done = run(ref, case)
        except TimeoutError:
            continue  # the reference spins where a payload is closed by a shape and nothing else can happen
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        case["executions"] = executions
        case["done"] = done
        print(json.dumps(case, separators=(",", ":")))
        written += 1


main()
