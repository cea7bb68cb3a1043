package io.consoul.gateway;

import io.consoul.gateway.key.Caller;
import io.consoul.message.Accepted;
import io.consoul.message.Alive;
import io.consoul.message.Asides;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.Completed;
import io.consoul.message.Delta;
import io.consoul.message.Handlers;
import io.consoul.message.Listener;
import io.consoul.message.Queued;
import io.consoul.message.SessionId;
import io.consoul.message.SessionRequest;
import io.consoul.message.StreamMessage;
import io.consoul.message.Tenant;
import io.consoul.message.TurnFailed;
import io.consoul.message.TurnId;
import io.consoul.node.Membership;
import io.consoul.trace.RequestContext;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The streams of turns that clients of one gateway instance follow: what comes to its inbox finds its stream here. Confined
 * to the instance's event loop, so plain maps are enough.
 */
final class TurnStreams {

  /** A stream, and the request that it belongs to. */
  private record Open(Listening stream, RequestContext request) {}

  private static final int REMEMBERED = 10_000;

  /**
   * Milliseconds. When the process has stood still, the timer makes up for all ticks that it missed in one go; they say
   * nothing about the peers, who stood still too or wait to be read.
   */
  private static final long ONE_GO = 3;

  private final TurnPeers peers;
  private final Membership membership;

  /** By the listener's id. */
  private final Map<Long, Open> open = new HashMap<>();

  /** Listeners whose clients left, the oldest first, and their providers' inboxes, which may still be sending. */
  private final Map<Long, String> left = new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, String> eldest) {
      return size() > REMEMBERED;
    }
  };

  private long lastListener = Listener.ONLY;
  private long lastTick;

  TurnStreams(TurnPeers peers, Membership membership) {
    this.peers = peers;
    this.membership = membership;
  }

  /** What the inbox of this instance takes. */
  Handlers handlers() {
    return new Handlers()
        .onEvent(Queued.class, this::deliver)
        .onEvent(Accepted.class, this::accepted)
        .onEvent(Alive.class, this::deliver)
        .onEvent(Delta.class, this::deliver)
        .onEvent(Asides.class, this::deliver)
        .onEvent(Completed.class, this::deliver)
        .onEvent(TurnFailed.class, this::deliver);
  }

  TurnId mint(SessionId session) {
    return TurnId.mint(session, peers.node().random());
  }

  /** A new turn of this session. */
  BeginTurn turn(SessionId session, Caller caller, String text, String model) {
    return new BeginTurn(mint(session), caller.tenant(), text, model, nextListener())
        .of(caller.owner());
  }

  /**
   * A stream of this turn, from an offset on.
   *
   * @param cuts of the answer, that its client has seen
   */
  AttachTurn attachment(TurnId turn, Tenant tenant, int after, int cuts) {
    return new AttachTurn(turn, tenant, after, cuts, null, nextListener());
  }

  /**
   * From now on what comes for the request's listener reaches the stream; {@link TurnStream#start} sends it.
   *
   * @param turn as {@link #turn} has made it
   */
  TurnStream open(BeginTurn turn, TurnSink sink) {
    return open(turn, turn.listener(), sink);
  }

  /** @param attachment as {@link #attachment} has made it */
  TurnStream open(AttachTurn attachment, TurnSink sink) {
    return open(attachment, attachment.listener(), sink);
  }

  /** From now on what comes for the listener reaches the stream. */
  void listen(Listener listener, Listening stream) {
    open.put(listener.id(), new Open(stream, RequestContext.current()));
    membership.load(open.size());
  }

  /** To be called {@link Silence#TICKS} times within the longest silence that a peer may keep. */
  void tick() {
    if (peers.millis() - lastTick < ONE_GO) {
      return;
    }
    List.copyOf(open.values()).forEach(each -> each.request().run(each.stream()::tick));
    lastTick = peers.millis();
  }

  int size() {
    return open.size();
  }

  void ended(long listenerId) {
    open.remove(listenerId);
    membership.load(open.size());
  }

  /** @param provider that may go on sending, or null when it is not known yet */
  void left(long listenerId, String provider) {
    ended(listenerId);
    left.put(listenerId, provider);
  }

  private TurnStream open(SessionRequest request, Listener listener, TurnSink sink) {
    TurnStream stream = new TurnStream(request, listener, sink, peers, this);
    listen(listener, stream);
    return stream;
  }

  /** One whose stream is here from {@link #listen} on. */
  Listener nextListener() {
    return peers.listener(++lastListener);
  }

  private void accepted(Accepted accepted) {
    if (open.containsKey(accepted.listenerId())) {
      deliver(accepted);
    } else if (left.containsKey(accepted.listenerId())) {
      left.put(accepted.listenerId(), accepted.providerInbox());
      detach(accepted);
    }
  }

  private void deliver(StreamMessage message) {
    Open found = open.get(message.listenerId());
    boolean isPiece =
        message instanceof Delta || message instanceof Asides || message instanceof Alive;
    if (found != null && isPiece) {
      found.stream().deliver(message); // too many for a context each
    } else if (found != null) {
      found.request().run(() -> found.stream().deliver(message));
    } else if (isPiece) {
      detach(message);
    }
  }

  private void detach(StreamMessage message) {
    String provider = left.get(message.listenerId());
    if (provider != null) {
      peers.detach(provider, message.turn(), message.listenerId());
    }
  }
}
