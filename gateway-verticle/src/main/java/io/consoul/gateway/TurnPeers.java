package io.consoul.gateway;

import io.consoul.fault.Fault;
import io.consoul.fault.FaultException;
import io.consoul.message.Answering;
import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.CompleteChat;
import io.consoul.message.Credit;
import io.consoul.message.Detach;
import io.consoul.message.FollowTurn;
import io.consoul.message.Following;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.message.ListModels;
import io.consoul.message.ListSessions;
import io.consoul.message.Listener;
import io.consoul.message.ModelList;
import io.consoul.message.SessionPage;
import io.consoul.message.SessionRequest;
import io.consoul.message.TurnId;
import io.consoul.node.Node;
import io.vertx.core.Future;
import java.time.Duration;

/**
 * The sessions and providers as a gateway instance sees them.
 *
 * @param inbox where this gateway instance takes events
 * @param window UTF-16 code units that may be on their way to one listener unacknowledged
 * @param patience how long a turn is looked for whose provider does not answer
 */
record TurnPeers(Node node, String inbox, int window, Duration patience) {

  /** @param id that no other listener of this instance has */
  Listener listener(long id) {
    return new Listener(inbox, id, window, false);
  }

  /** Inbox of the session instance that owns the session, or null where there is none. */
  String sessionOf(SessionRequest request) {
    return node.directory()
        .pickFor(Kind.SESSION, request.sessionKey())
        .map(Hello::inbox)
        .orElse(null);
  }

  /** Asks this session instance, or fails at once where there is none. */
  Future<BusMessage> ask(String session, BusMessage request) {
    return session == null
        ? Future.failedFuture(
            Fault.SESSION_STORAGE_UNAVAILABLE.retryAfter(1, "No session verticle is there."))
        : node.bus().ask(Kind.SESSION, session, request, Bus.ACKNOWLEDGEMENT);
  }

  /** Asks the session instance that owns the session, where there is one possible reply. */
  <R extends BusMessage> Future<R> ask(SessionRequest request, Class<R> reply) {
    return ask(sessionOf(request), request).map(reply::cast);
  }

  /** Tells the session instance that owns the session; there is no reply. */
  void tell(SessionRequest event) {
    node.directory()
        .pickFor(Kind.SESSION, event.sessionKey())
        .ifPresent(session -> node.bus().tell(session.inbox(), event));
  }

  /** Asks any session instance: each one answers for all. */
  Future<SessionPage> list(ListSessions request) {
    String any = node.directory().pick(Kind.SESSION).map(Hello::inbox).orElse(null);
    return ask(any, request).map(SessionPage.class::cast);
  }

  /** Asks any provider instance: each one knows the same models. */
  Future<ModelList> models() {
    return node.directory()
        .pick(Kind.PROVIDER)
        .map(there -> node.bus()
            .ask(
                Kind.PROVIDER,
                there.inbox(),
                new ListModels(),
                ModelList.class,
                Bus.ACKNOWLEDGEMENT))
        .orElseGet(() -> Future.failedFuture(noProvider()));
  }

  /** Has this provider instance answer; the answer comes to the listener. */
  Future<Answering> complete(String provider, CompleteChat chat) {
    return node.bus().ask(Kind.PROVIDER, provider, chat, Answering.class, Bus.ACKNOWLEDGEMENT);
  }

  static FaultException noProvider() {
    return Fault.LLM_UNAVAILABLE.retryAfter(1, "No provider verticle is there.");
  }

  /** Has the provider send the turn again from this offset on. */
  Future<Following> follow(
      String provider, TurnId turn, int after, int asides, int cuts, long listenerId) {
    FollowTurn follow = new FollowTurn(turn, after, asides, cuts, listener(listenerId));
    return node.bus()
        .ask(Kind.PROVIDER, provider, follow, Following.class, Bus.ACKNOWLEDGEMENT)
        .recover(failure -> Future.failedFuture(lost(failure)));
  }

  void credit(String provider, TurnId turn, long fence, long listenerId, int upTo, int asides) {
    node.bus().tell(provider, new Credit(turn, fence, inbox, listenerId, upTo, asides));
  }

  void detach(String provider, TurnId turn, long listenerId) {
    node.bus().tell(provider, new Detach(turn, inbox, listenerId));
  }

  /** Whether this inbox belongs to an instance that was heard of lately. */
  boolean isThere(String peer) {
    return node.directory().knows(peer);
  }

  long millis() {
    return node.clock().millis();
  }

  /** "Not running here" is said of the turn at its provider; a client would take it for its session. */
  private static Throwable lost(Throwable failure) {
    return failure instanceof FaultException known && known.fault() == Fault.SESSION_NOT_FOUND
        ? Fault.LLM_UNAVAILABLE.retryAfter(1, "The model provider lost the turn.")
        : failure;
  }
}
