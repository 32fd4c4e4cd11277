// Version of the trading interface: raised when a field changes its meaning or goes away.
export const version = '1.0.0';
