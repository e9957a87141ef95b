"""A Kalman filter that follows a point at constant speed, from noisy positions."""


def main(np):
    """Return estimates, the last covariance, and the errors of measurements and estimates."""
    dt = 0.5
    steps = 60
    transition = np.array([[1, 0, dt, 0], [0, 1, 0, dt], [0, 0, 1, 0], [0, 0, 0, 1]])
    observation = np.eye(2, 4)
    process = 0.01 * np.identity(4)
    noise = np.diag([4.0, 4.0])
    rng = np.random.default_rng(3)
    truth = np.stack([np.linspace(0, 90, steps), 10 + 0.75 * np.arange(steps)], axis=1)
    measured = truth + rng.normal(scale=2.0, size=truth.shape)
    state, covariance = np.zeros(4), 100 * np.eye(4)
    states = np.empty((steps, 4))
    for k, seen in enumerate(measured):
        state = transition @ state
        covariance = transition @ covariance @ transition.T + process
        innovation = seen - observation @ state
        spread = observation @ covariance @ observation.T + noise
        gain = covariance @ observation.T @ np.linalg.inv(spread)
        state = state + gain @ innovation
        covariance = (np.eye(4) - gain @ observation) @ covariance
        states[k] = state
    errors = [np.sqrt(np.mean((x - truth) ** 2)) for x in (measured, states[:, :2])]
    return states, covariance, errors, bool(errors[1] < errors[0])
