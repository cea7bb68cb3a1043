package io.consoul.gateway;

import io.consoul.message.Accepted;
import io.consoul.message.Alive;
import io.consoul.message.BeginTurn;
import io.consoul.message.BusMessage;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.Handlers;
import io.consoul.message.Queued;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.node.Membership;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The turns that clients of one gateway instance follow: what comes to its inbox finds its turn here. Confined to the
 * instance's event loop, so plain maps are enough.
 */
final class TurnStreams {

  private static final int REMEMBERED = 10_000;

  /**
   * Milliseconds. When the process has stood still, the timer makes up for all ticks that it missed in one go; they say
   * nothing about the peers, who stood still too or wait to be read.
   */
  private static final long ONE_GO = 3;

  private final TurnPeers peers;
  private final Membership membership;
  private final Map<TurnId, TurnStream> open = new HashMap<>();

  /** Turns whose clients left, the oldest first, and their providers' inboxes, which may still be sending. */
  private final Map<TurnId, String> left = new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<TurnId, String> eldest) {
      return size() > REMEMBERED;
    }
  };

  private long lastTick;

  TurnStreams(TurnPeers peers, Membership membership) {
    this.peers = peers;
    this.membership = membership;
  }

  /** What the inbox of this instance takes. */
  Handlers handlers() {
    return new Handlers()
        .onEvent(Queued.class, queued -> deliver(queued.turn(), queued))
        .onEvent(Accepted.class, this::accepted)
        .onEvent(Alive.class, alive -> deliver(alive.turn(), alive))
        .onEvent(Delta.class, delta -> deliver(delta.turn(), delta))
        .onEvent(Completed.class, completed -> deliver(completed.turn(), completed))
        .onEvent(TurnFailed.class, failed -> deliver(failed.turn(), failed));
  }

  TurnId mint(SessionId session) {
    return TurnId.mint(session, peers.node().random());
  }

  /** From now on events of this turn reach it; {@link TurnStream#begin} starts it. */
  TurnStream open(TurnId turn, String text, String model, TurnSink sink) {
    BeginTurn begin = new BeginTurn(turn, Tenant.DEFAULT, text, model, peers.listener());
    TurnStream stream = new TurnStream(begin, sink, peers, this);
    open.put(turn, stream);
    membership.load(open.size());
    return stream;
  }

  /** To be called {@link TurnStream#SILENT_TICKS} times within the longest silence that a peer may keep. */
  void tick() {
    if (peers.millis() - lastTick < ONE_GO) {
      return;
    }
    List.copyOf(open.values()).forEach(TurnStream::tick);
    lastTick = peers.millis();
  }

  int size() {
    return open.size();
  }

  void ended(TurnId turn) {
    open.remove(turn);
    membership.load(open.size());
  }

  /** @param provider that may go on sending, or null when it is not known yet */
  void left(TurnId turn, String provider) {
    ended(turn);
    left.put(turn, provider);
  }

  private void accepted(Accepted accepted) {
    if (open.containsKey(accepted.turn())) {
      deliver(accepted.turn(), accepted);
    } else if (left.containsKey(accepted.turn())) {
      left.put(accepted.turn(), accepted.providerInbox());
      detach(accepted.turn(), accepted.providerInbox());
    }
  }

  private void deliver(TurnId turn, BusMessage message) {
    TurnStream stream = open.get(turn);
    if (stream != null) {
      stream.deliver(message);
    } else if (message instanceof Delta || message instanceof Alive) {
      detach(turn, left.get(turn));
    }
  }

  private void detach(TurnId turn, String provider) {
    if (provider != null) {
      peers.detach(provider, turn);
    }
  }
}
