// Asks a bridge on its control link what it has seen of the broker's client. Called by the command
// `pankou gateway report`. Always: the control link cannot trade; no facts when this bridge does
// not tell any.
import { connect } from 'node:net';
import { targetOf } from '../../gateways/bridge/address.ts';
import * as shake from '../../gateways/bridge/handshake.ts';
import { LinkChannel } from '../../gateways/bridge/link-channel.ts';

const ANSWER_MS = 5_000;

type Message = Readonly<Record<string, unknown>>;

/** What a bridge told, with what it said of itself at the handshake. */
export interface BridgeFacts {
  readonly capabilities: readonly string[];
  /** Of the bridge itself: its way, versions, what it cannot do. */
  readonly bridge: unknown;
  /** Of the broker's client, by account; null = this bridge does not tell. */
  readonly accounts: Readonly<Record<string, unknown>> | null;
}

/** Rejects with a text for people when the bridge cannot be reached or refuses. */
export function readBridgeFacts(address: string, secret: string): Promise<BridgeFacts> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...targetOf(address) } as { path: string });
    const nonce = shake.newNonce();
    let welcome: Message | null = null;
    const end = (why: string, accounts: BridgeFacts['accounts']): void => {
      clearTimeout(timer);
      channel.end(why);
      const { capabilities = [], bridge = null } = welcome ?? {};
      if (welcome === null) reject(new Error(`the bridge at ${address}: ${why}`));
      else resolve({ capabilities: capabilities as string[], bridge, accounts });
    };
    const onChallenge = (message: Message): void => {
      const found = shake.challengeSchema.safeParse(message).data ?? { nonce: '', proof: '' };
      const proof = shake.answerTo(found, secret, 'control', nonce);
      if (proof === null) {
        end('wrong secret', null);
        return;
      }
      channel.sendJson({ kind: 'login', proof, engineId: 0, day: 0, accounts: [] });
    };
    const channel = new LinkChannel(socket, {
      onFrame: () => true,
      onJson: (value) => {
        const message = value as Message;
        if (message['kind'] === 'refused') end(String(message['text']), null);
        else if (message['kind'] === 'challenge') onChallenge(message);
        else if (message['kind'] === 'welcome') {
          welcome = message;
          channel.sendJson({ kind: 'facts' });
        } else if (message['kind'] === 'facts') end('done', message['accounts'] as Message);
        return true;
      },
      onPiece: () => {},
      onClosed: (why) => end(why, null),
    });
    const timer = setTimeout(() => end('does not answer', null), ANSWER_MS);
    socket.once('connect', () => channel.sendJson(shake.makeHello('control', nonce)));
  });
}
