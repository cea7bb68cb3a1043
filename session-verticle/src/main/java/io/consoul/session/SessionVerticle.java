package io.consoul.session;

import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.Addresses;
import io.consoul.message.BeginTurn;
import io.consoul.message.Bus;
import io.consoul.message.BusMessage;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.Progress;
import io.consoul.message.SealTurn;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.message.TokenCounter;
import io.consoul.message.WireType;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;

/** Owner of the sessions that hash to it: who may begin a turn, what is kept of it. Wires its parts. */
public final class SessionVerticle extends VerticleBase {

  /** A longer step would hold up the turns of this instance. */
  private static final int MAX_SWEEP = 10_000;

  private final SessionConfig config;
  private final Node node;
  private Membership membership;
  private SessionStore store;
  private TurnDesk desk;
  private MessageConsumer<Object> inbox;
  private MessageConsumer<Object> publicAddress;

  public SessionVerticle(SessionConfig config, Node node) {
    this.config = config;
    this.node = node;
  }

  @Override
  public Future<?> start() {
    membership = node.directory().join(Kind.SESSION);
    store = new MemoryStore(config, node.clock(), node.random());
    Handover handover = new Handover(node, config, store, membership.inbox());
    desk = new TurnDesk(vertx, node, config, store, handover, membership::load);
    inbox = node.bus()
        .serve(
            membership.inbox(),
            new Handlers()
                .on(BeginTurn.class, desk::begin)
                .on(Progress.class, desk::progress)
                .on(SealTurn.class, desk::seal)
                .on(AbortTurn.class, desk::abort)
                .on(Sweep.class, this::sweep));
    publicAddress = node.bus()
        .serve(
            Addresses.SESSION_TURN,
            WireType.TURN_BEGIN,
            new Handlers().on(BeginTurn.class, this::handOn));
    return Future.all(inbox.completion(), publicAddress.completion(), vertx.executeBlocking(() -> {
      TokenCounter.load(); // here, so that the first turn does not wait for it on the event loop
      return null;
    }));
  }

  @Override
  public Future<?> stop() {
    membership.drain();
    return publicAddress
        .unregister()
        .eventually(() -> desk.drain(node.drain().left()))
        .eventually(inbox::unregister)
        .onComplete(done -> membership.leave());
  }

  /** The public address reaches any instance; the session belongs to one. */
  private Future<? extends BusMessage> handOn(BeginTurn begin) {
    String owner = node.directory()
        .pickFor(Kind.SESSION, begin.sessionKey())
        .map(hello -> hello.inbox())
        .orElse(membership.inbox());
    return owner.equals(membership.inbox())
        ? desk.begin(begin)
        : node.bus().ask(Kind.SESSION, owner, begin, Bus.ACKNOWLEDGEMENT);
  }

  private Future<Swept> sweep(Sweep sweep) {
    if (sweep.limit() < 1 || sweep.limit() > MAX_SWEEP) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("limit", "must be from 1 to " + MAX_SWEEP);
    }
    desk.forgetLapsed();
    return store.sweep(sweep.limit(), sweep.orphansOnly());
  }
}
