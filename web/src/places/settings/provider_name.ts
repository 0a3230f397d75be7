/** A name for a provider where nobody gives one: the host of its address. */
export function providerName(address: string): string {
  try {
    const host = new URL(address).hostname.replace(/^(api|www)\./, '');
    return host.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 64) || 'provider';
  } catch {
    return 'provider';
  }
}
