package io.consoul.session;

import com.hazelcast.core.HazelcastInstance;
import io.consoul.fault.Fault;
import io.consoul.message.AbortTurn;
import io.consoul.message.Addresses;
import io.consoul.message.AttachTurn;
import io.consoul.message.BeginTurn;
import io.consoul.message.CancelTurn;
import io.consoul.message.CreateSession;
import io.consoul.message.DeleteSession;
import io.consoul.message.EndBatch;
import io.consoul.message.HandOn;
import io.consoul.message.Handlers;
import io.consoul.message.Kind;
import io.consoul.message.ListSessions;
import io.consoul.message.Progress;
import io.consoul.message.ReadMessages;
import io.consoul.message.ReadSession;
import io.consoul.message.RecallSession;
import io.consoul.message.SealTurn;
import io.consoul.message.Sealed;
import io.consoul.message.SessionFree;
import io.consoul.message.SessionMoved;
import io.consoul.message.Sweep;
import io.consoul.message.Swept;
import io.consoul.message.TokenCounter;
import io.consoul.message.WireType;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import io.consoul.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.util.Optional;

/** Owner of the sessions that hash to it: who may begin a turn, what is kept of it. Wires its parts. */
public final class SessionVerticle extends VerticleBase {

  /** A longer step would hold up the turns of this instance. */
  private static final int MAX_SWEEP = 10_000;

  private final SessionConfig config;
  private final Node node;
  private final HazelcastInstance member;
  private final Duration tick;
  private Membership membership;
  private Stores stores;
  private TurnStart begin;
  private TurnDesk turns;
  private AttachDesk attach;
  private HandOnDesk handOn;
  private CancelDesk cancel;
  private SessionDesk sessions;
  private SessionListing listing;
  private Workload workload;
  private Departure departure;
  private SessionGauge gauge;
  private InterruptedTurns interrupted;
  private MessageConsumer<Object> inbox;
  private SessionAddresses addresses;

  public SessionVerticle(SessionConfig config, Node node) {
    this(config, node, null);
  }

  /** @param member of the cluster that the node is in, or null where it is in none */
  public SessionVerticle(SessionConfig config, Node node, HazelcastInstance member) {
    this(config, node, member, Stores.TICK);
  }

  /** @param tick how often a store in memory looks whether the process has stood still; zero for never */
  SessionVerticle(SessionConfig config, Node node, HazelcastInstance member, Duration tick) {
    this.config = config;
    this.node = node;
    this.member = member;
    this.tick = tick;
  }

  @Override
  public Future<?> start() {
    return Stores.reach(vertx, config, node).compose(this::serve);
  }

  @Override
  public Future<?> stop() {
    membership.drain();
    return addresses
        .close()
        .eventually(() -> departure.drain(node.drain().left()))
        .onComplete(done -> {
          gauge.stop();
          membership.leave();
        })
        .eventually(() -> departure.linger(node.drain().left()))
        .eventually(inbox::unregister)
        .eventually(stores::close);
  }

  /** Nobody sends anything here before there is a store. */
  private Future<?> serve(Optional<RedisLink> redis) {
    membership = node.directory().join(Kind.SESSION);
    stores = Stores.open(vertx, config, node, membership, redis, member, tick);
    wireDesks(stores.store(), stores.catalog());
    measure(stores.catalog());
    return stores.start().compose(started -> listen());
  }

  private Future<?> listen() {
    Handlers handlers = new Handlers()
        .on(Progress.class, turns::progress)
        .on(SealTurn.class, this::seal)
        .on(AbortTurn.class, turns::abort)
        .on(HandOn.class, handOn::handOn)
        .on(Sweep.class, this::sweep)
        .on(RecallSession.class, stores.recalled())
        .onEvent(EndBatch.class, turns::endBatch)
        .onEvent(SessionFree.class, free -> begin.wake(free.sessionKey()))
        .onEvent(SessionMoved.class, stores.moved());
    addresses = openAddresses(handlers, stores.catalog());
    inbox = node.bus().serve(membership.inbox(), handlers);
    return Future.all(inbox.completion(), addresses.completion(), vertx.executeBlocking(() -> {
      TokenCounter.load(); // here, so that the first turn does not wait for it on the event loop
      return null;
    }));
  }

  private void wireDesks(SessionStore store, SessionCatalog catalog) {
    TurnQueues queues = new TurnQueues(config.maxWaiting());
    RunningTurns running = new RunningTurns(node.clock());
    Repeats repeats = new Repeats();
    workload = new Workload(queues, running, config.lease().multipliedBy(2), membership::load);
    Handover handover = new Handover(node, config, store, membership.inbox());
    ProviderLine provider = new ProviderLine(node);
    interrupted = new InterruptedTurns(node.meters());
    TakeoverDesk takeovers = new TakeoverDesk(
        node,
        config,
        store,
        handover,
        new Conclusion(store, interrupted::sealed),
        running,
        workload,
        turn -> begin.ended(turn));
    attach = new AttachDesk(config, store, queues, running, provider, takeovers);
    handOn = new HandOnDesk(node, store, running, takeovers, membership.inbox());
    begin = new TurnStart(
        vertx,
        node,
        config,
        store,
        handover,
        new Elsewhere(node, membership.inbox()),
        attach,
        queues,
        running,
        repeats,
        workload);
    AsideDesk aside = new AsideDesk(vertx, node, store, handover, queues, workload);
    turns = new TurnDesk(vertx, node, config, store, begin, aside, queues, running, workload);
    departure = new Departure(vertx, node, membership::store, begin, queues, workload);
    cancel = new CancelDesk(store, begin, queues, running, repeats, provider);
    sessions = new SessionDesk(vertx, config, catalog, begin, queues, running, provider);
    listing = new SessionListing(node, catalog, membership.inbox());
  }

  private void measure(SessionCatalog catalog) {
    gauge = new SessionGauge(vertx, node, catalog, membership.inbox());
    gauge.start(SessionGauge.INTERVAL);
  }

  private SessionAddresses openAddresses(Handlers handlers, SessionCatalog catalog) {
    return new SessionAddresses(node, membership.inbox(), handlers)
        .serve(Addresses.SESSION_TURN, WireType.TURN_BEGIN, BeginTurn.class, turns::begin)
        .serve(Addresses.SESSION_ATTACH, WireType.TURN_ATTACH, AttachTurn.class, attach::attach)
        .serve(Addresses.SESSION_CANCEL, WireType.TURN_CANCEL, CancelTurn.class, cancel::cancel)
        .serve(
            Addresses.SESSION_CREATE,
            WireType.SESSION_CREATE,
            CreateSession.class,
            sessions::create)
        .serve(Addresses.SESSION_GET, WireType.SESSION_GET, ReadSession.class, catalog::read)
        .serve(
            Addresses.SESSION_MESSAGES,
            WireType.SESSION_MESSAGES,
            ReadMessages.class,
            catalog::messages)
        .serve(
            Addresses.SESSION_DELETE,
            WireType.SESSION_DELETE,
            DeleteSession.class,
            sessions::delete)
        .serveAny(Addresses.SESSION_LIST, WireType.SESSION_LIST, ListSessions.class, listing::list);
  }

  private Future<Sealed> seal(SealTurn seal) {
    return turns.seal(seal).onSuccess(stored -> interrupted.sealed(seal));
  }

  private Future<Swept> sweep(Sweep sweep) {
    if (sweep.limit() < 1 || sweep.limit() > MAX_SWEEP) {
      throw Fault.FIELD_VALIDATION_FAILED.inField("limit", "must be from 1 to " + MAX_SWEEP);
    }
    workload.forgetLapsed();
    return stores.store().sweep(sweep.limit(), sweep.orphansOnly()).onSuccess(interrupted::swept);
  }
}
