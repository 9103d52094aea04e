"""SimFaaS on the workload of benches/peers: Poisson arrivals, log-normal work, ten minutes of keep-alive."""
import resource
import sys
import time

import numpy as np
from simfaas.ServerlessSimulator import ServerlessSimulator
from simfaas.SimProcess import SimProcess


class LogNormal(SimProcess):
    """Work with this mean and coefficient of variation."""

    def __init__(self, mean, cv):
        super().__init__()
        self.sigma = np.sqrt(np.log1p(cv * cv))
        self.mu = np.log(mean) - 0.5 * self.sigma**2

    def generate_trace(self):
        return np.random.lognormal(self.mu, self.sigma)


busy, requests = float(sys.argv[1]), float(sys.argv[2])
np.random.seed(1)
work, rate = LogNormal(0.1, 0.5), busy / 0.1
simulator = ServerlessSimulator(
    arrival_rate=rate,
    warm_service_process=work,
    cold_service_process=work,
    expiration_threshold=600,
    max_time=requests / rate,
    maximum_concurrency=1_000_000,
)
start = time.process_time()
simulator.generate_trace(debug_print=False, progress=False)
seconds = time.process_time() - start
done = simulator.total_req_count
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"simfaas,{busy:g},{done},{seconds:.4f},{done / seconds:.0f},{peak:.1f}")
