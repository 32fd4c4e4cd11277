// The life cycle every actor has. The runner (on a thread) or the invoker (in a backtest) drives
// it: onStart once, doWork again and again, onClose once. Only the runner idles.

export interface Agent {
  /** Unique name in the topology. */
  readonly roleName: string;
  onStart(): void;
  /** One duty cycle: drains inputs up to a limit, publishes outputs; returns what it handled. */
  doWork(): number;
  onClose(): void;
  /** Whether a duty cycle would do nothing now: inputs empty, nothing owed. */
  isIdle(): boolean;
}
