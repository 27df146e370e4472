export const ATTACH: 1;
export const ATTACHED: 2;
export const WITH: 3;
export const USE: 4;
export const ACK: 5;
export const PING: 6;
export const PONG: 7;
export const SUPERSEDED: 8;
export const AGAIN: 9;
export const END: 10;
export const PADDING: 11;
export const TEXT: 16;
export const TEXT_MORE: 17;
export const BINARY: 18;
export const BINARY_MORE: 19;
export const OPENED: 20;
export const REFUSED: 21;
export const CLOSE: 22;
/** The most bytes of one envelope, head included. */
export const ENVELOPE_BYTES_MAX: 65536;
/** What is wrong with the bytes or with the peer; `outcome` is the name the protocol gives it. */
export class Fault extends Error {
    /** @param {string} outcome */
    constructor(outcome: string);
    outcome: string;
}
export function utf8(text: string): Uint8Array<ArrayBuffer>;
export function text(bytes: Uint8Array): string;
export function json(bytes: Uint8Array): any;
export function unbase64(letters: string): Uint8Array<ArrayBuffer>;
export function size(parts: ArrayLike<number>[]): number;
export function join(parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer>;
export function number(value: number): number[];
export function readNumber(bytes: Uint8Array, at: number): [value: number, next: number] | undefined;
export function numbers(body: Uint8Array, count: number): [number[], Uint8Array];
export function envelope(type: number, ...body: (ArrayLike<number>)[]): Uint8Array<ArrayBuffer>;
export function reader(take: (type: number, body: Uint8Array) => void): (chunk: Uint8Array) => void;
