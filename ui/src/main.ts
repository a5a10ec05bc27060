import { mount } from 'svelte';
import App from './App.svelte';
import type { Backend } from './backend/backend';
import { tauriBackend } from './backend/tauri';
import './styles/tokens.css';
import './styles/components.css';
import { Till } from './till/till.svelte';

/** A shop's build knows the real host only: a till that could fall back to a make-believe one would be dangerous. */
async function host(): Promise<Backend> {
  if (import.meta.env.MODE === 'production' || '__TAURI_INTERNALS__' in window) return tauriBackend();
  const { fakeBackend } = await import('./backend/fake');
  return fakeBackend(location.hash);
}

/** Kazakh letters and the receipt's type come from files of their own; a closed sale must not wait for them. */
for (const family of ['Noto Sans', 'Noto Sans Mono']) void document.fonts.load(`16px "${family}"`, 'Aa Чек қ ₸');

void host().then((backend) => {
  const target = document.getElementById('app');
  if (target !== null) mount(App, { target, props: { till: new Till(backend) } });
});
