import { signal } from '@preact/signals';
import { headlineOf } from '../headline.js';
import { linkOf } from '../link.js';
import type { PageAnswer } from '../page-answer.js';
import { carried, spec } from './state.js';

interface Shared {
  readonly url: string;
  readonly note: string;
}

const shared = signal<Shared | undefined>(undefined);
spec.subscribe(() => {
  shared.value = undefined;
});

/** The answer, large enough to be what people share. */
export function HeadlineBanner({ report }: Pick<PageAnswer, 'report'>) {
  const { sentence, tone } = headlineOf(report);
  const { profileErrors } = report.provenance;
  return (
    <section id="headline" aria-label="Answer" class={`headline ${tone}-edge`}>
      <p class="claim">{sentence}</p>
      {profileErrors !== undefined && <p class="quiet">The {profileErrors}.</p>}
      <div class="bar">
        <button type="button" onClick={share}>
          Share as a link
        </button>
        {shared.value !== undefined && (
          <label class="link">
            <span role="status">{shared.value.note}</span>
            <input
              type="text"
              readOnly
              value={shared.value.url}
              onFocus={({ currentTarget }) => currentTarget.select()}
            />
          </label>
        )}
      </div>
    </section>
  );
}

/** Puts the scenario into the address and onto the clipboard, where the browser allows it. */
async function share(): Promise<void> {
  const { fragment, leftOut } = linkOf(carried.value);
  const url = `${location.href.split('#')[0]}#s=${fragment}`;
  history.replaceState(null, '', url);
  const without =
    leftOut.length === 0 ? '' : ` Too large for it, only by name and hash: ${leftOut.join(', ')}.`;
  const isCopied = await navigator.clipboard?.writeText(url).then(
    () => true,
    () => false,
  );
  shared.value = { url, note: `${isCopied === true ? 'Link copied.' : 'Copy this link.'}${without}` };
}
