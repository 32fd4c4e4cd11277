// Version of the trading interface, as the OpenAPI file says it. Always: raised when a field
// changes its meaning or goes away.
export const version = '1.0.0';
