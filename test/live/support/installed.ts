import { findInstallation } from '../../../scripts/triton/installation.js';

/**
 * Why tests against a real Triton cannot run here, or undefined when they can: they run where
 * `npm run triton -- setup` has been, unless PERSEUS_TRITON=0 forbids it. With PERSEUS_TRITON=1 they always run,
 * and fail where there is no Triton.
 */
export function tritonAvailable(): string | undefined {
  const wish = process.env['PERSEUS_TRITON'];
  if (wish === '0') return 'PERSEUS_TRITON=0';
  if (wish === '1' || findInstallation()) return undefined;
  return 'no Triton here: npm run triton -- setup';
}
