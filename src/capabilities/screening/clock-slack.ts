/**
 * How far two honest clocks of a morning may differ: a device's and a laboratory's from the city's. A time further ahead is a
 * wrong clock; one this little before what it must follow still follows it. A matter of clocks, not of policy.
 */
export const SLACK_MS = 10 * 60_000
