// The events people can be told of, by name. Read by the configuration (levels) and by the api
// process (engine/control/alerts). Data only; docs/ALERTS.md lists them with their levels.

export const ALERT_EVENTS = [
  'order-unknown',
  'reject-storm',
  'link-lost',
  'link-back',
  'kill',
  'arming',
  'circuit',
  'quotes-stale',
  'statement',
  'margin',
  'strategy-failed',
  'engine-restart',
  'engine-down',
  'api-restart',
  'disk',
  'audit',
  'day-close',
  'log',
  'test',
] as const;

export type AlertEvent = (typeof ALERT_EVENTS)[number];
