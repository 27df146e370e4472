/** The switch of networks: one radio button each. */
import { element } from './draw.js';

/** @typedef {{ name: string, title: string, explanation: string, healthy: boolean, plain: number, towpath: number }} Network */

/**
 * @param {HTMLElement} place
 * @param {Network[]} networks
 * @param {string | null} chosen the name of the one to begin with
 * @param {(network: Network) => void} changed
 */
export const draw = (place, networks, chosen, changed) => {
  const first = networks.find(network => network.name === chosen) ?? networks[0];
  for (const network of networks) {
    const radio = /** @type {HTMLInputElement} */ (element('input', { type: 'radio', name: 'network', value: network.name }));
    radio.checked = network === first;
    radio.addEventListener('change', () => changed(network));
    const chip = element('label', { class: 'chip' }, radio, element('span', {}, network.title));
    if (network.healthy) chip.dataset.healthy = '';
    place.append(chip);
  }
  changed(first);
};
