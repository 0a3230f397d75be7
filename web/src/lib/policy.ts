/**
 * The page's Trusted Types policy. The only thing that it lets through are addresses of its own scripts, for workers: markup
 * is never made from text anywhere in the page.
 */
import { root } from '$/api/client';

interface ScriptUrlPolicy {
  createScriptURL(address: string): unknown;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): ScriptUrlPolicy;
}

function ownScript(address: string): string {
  const url = new URL(address, root);
  if (url.origin !== root.origin) throw new TypeError(`a script of another origin: ${url.origin}`);
  return url.href;
}

const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
const policy = factory?.createPolicy('lorekeep', { createScriptURL: ownScript });

/** The address of a script of the page, as workers take it. */
export function scriptUrl(address: string): string {
  return (policy ? policy.createScriptURL(address) : ownScript(address)) as string;
}
