package io.consoul.node;

import io.consoul.message.Addresses;
import io.consoul.message.Bus;
import io.consoul.message.BusCodec;
import io.consoul.message.Handlers;
import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who is alive in the cluster and where each verticle instance takes its messages. Every instance says hello once a
 * second; a sender picks the inbox itself, because the bus's round-robin goes on feeding a frozen node for seconds.
 *
 * <p>One per node, used from many event loops: the entries are immutable and replaced whole.
 */
public final class Directory {

  static final Duration INTERVAL = Duration.ofSeconds(1);

  /** Three hellos missed, and a little more for a node that collects garbage. */
  static final Duration SILENCE = Duration.ofMillis(3_500);

  private final Vertx vertx;
  private final Bus bus;
  private final RandomGenerator random;
  private final String node;
  private final Context context;
  private final Map<String, Membership> own = new ConcurrentHashMap<>();
  private final Others others;
  private final Greetings greetings;
  private MessageConsumer<Object> consumer;
  private long timer;
  private volatile boolean closed;

  private Directory(
      Vertx vertx, Bus bus, InstantSource clock, RandomGenerator random, String node) {
    this.vertx = vertx;
    this.bus = bus;
    this.random = random;
    this.node = node;
    this.others = new Others(clock, SILENCE);
    this.greetings = new Greetings(clock);
    this.context = vertx.getOrCreateContext();
  }

  /** @return the directory once it hears the others */
  static Future<Directory> open(
      Vertx vertx, Bus bus, InstantSource clock, RandomGenerator random, String node) {
    Directory directory = new Directory(vertx, bus, clock, random, node);
    Promise<Directory> open = Promise.promise();
    directory.context.runOnContext(start -> {
      directory.consumer =
          bus.serve(Addresses.EVENTS_NODE, new Handlers().onEvent(Hello.class, directory::heard));
      directory.timer = vertx.setPeriodic(INTERVAL.toMillis(), id -> directory.tick());
      directory.consumer.completion().map(directory).onComplete(open);
    });
    return open.future();
  }

  /** Enters an instance of this JVM under a new inbox; it is found from now on. */
  public Membership join(Kind kind) {
    String inbox = "consoul." + kind.wireName() + ".inbox." + UUID.randomUUID();
    Membership membership = new Membership(this, kind, node, inbox);
    own.put(inbox, membership);
    announce(membership.hello());
    return membership;
  }

  /** All instances of a kind that take work, those of this JVM first, each group by load. */
  public List<Hello> serving(Kind kind) {
    return Stream.concat(ownServing(kind), othersServing(kind)).toList();
  }

  /** The instance to send work to: of this JVM the least loaded when there is one, else one of those elsewhere. */
  public Optional<Hello> pick(Kind kind) {
    return pickOther(kind, Set.of());
  }

  /** As {@link #pick(Kind)}, leaving out inboxes that did not answer, and the rest of their nodes where there are others. */
  public Optional<Hello> pickOther(Kind kind, Collection<String> tried) {
    return pickOther(kind, tried, 1);
  }

  /**
   * As above, for a message that not everybody understands.
   *
   * @param frameVersion of {@link BusCodec}, which whoever is picked reads
   */
  public Optional<Hello> pickOther(Kind kind, Collection<String> tried, int frameVersion) {
    Predicate<Hello> fits =
        hello -> hello.frameVersion() >= frameVersion && !tried.contains(hello.inbox());
    return ownServing(kind).filter(fits).findFirst().or(() -> {
      List<Hello> away = othersServing(kind).filter(fits).toList();
      // What ails an instance mostly ails its node: there is no time to try them all.
      Set<String> ailing = nodesOf(
          othersServing(kind).filter(hello -> tried.contains(hello.inbox())).toList());
      List<Hello> well =
          away.stream().filter(hello -> !ailing.contains(hello.node())).toList();
      return Spread.ofTwo(well.isEmpty() ? away : well, random);
    });
  }

  /**
   * The instance that owns this key: within one JVM always the same one as long as its instances stay the same. Where
   * this JVM has none, or none of its own can reach their store while another node's can, the key goes to the same node from
   * everywhere, as long as it is there; only the keys of a node that goes away move.
   * The instances of a node hear of their store one after the other: meanwhile no key changes its owner.
   */
  public Optional<Hello> pickFor(Kind kind, String key) {
    List<Hello> here = ownServing(kind).toList();
    if (anyReachesItsStore(here)) {
      return Spread.instanceFor(key, here);
    }
    List<Hello> away = othersServing(kind).toList();
    List<Hello> able = ofNodes(away, nodesThatReachTheirStore(away));
    if (!here.isEmpty() && able.isEmpty()) {
      return Spread.instanceFor(key, here);
    }
    List<Hello> candidates = able.isEmpty() ? away : able;
    return Spread.nodeFor(key, nodesOf(candidates))
        .flatMap(id -> Spread.instanceFor(key, ofNodes(candidates, Set.of(id))));
  }

  /** What the instances of this JVM say that they have to do, those that drain included. */
  public int ownLoad(Kind kind) {
    return own.values().stream()
        .map(Membership::hello)
        .filter(hello -> hello.kind() == kind)
        .mapToInt(Hello::load)
        .sum();
  }

  /** Whether this inbox belongs to an instance that was heard of lately. */
  public boolean knows(String inbox) {
    return own.containsKey(inbox) || others.has(inbox);
  }

  /** Whether an instance of this node was heard of lately, or it is this one. */
  public boolean knowsNode(String id) {
    return id.equals(node) || others.hellos().anyMatch(hello -> hello.node().equals(id));
  }

  /** The cluster says that this node is gone: so are all its instances, at once. On any thread. */
  public void nodeLeft(String id) {
    others.left(id);
    bus.write(oldestFrameRead());
  }

  /** The cluster says that this node is there, perhaps again. On any thread. */
  public void nodeJoined(String id) {
    others.joined(id);
  }

  /** Number of nodes with at least one instance, this one included. */
  public int nodes() {
    return 1 + (int) others.hellos().map(Hello::node).distinct().count();
  }

  /** From now on new work of every kind that another node serves goes there; what only this one serves it goes on serving. */
  public void drain() {
    own.values().stream()
        .filter(membership -> othersServing(membership.hello().kind()).findAny().isPresent())
        .forEach(Membership::drain);
  }

  /** From now on nothing is announced: what leaves later leaves together with the node. */
  Future<Void> close() {
    closed = true;
    vertx.cancelTimer(timer);
    Promise<Void> silent = Promise.promise();
    // Behind the hellos that are on their way to this context: they would be discarded with a
    // warning each.
    context.runOnContext(last -> consumer.unregister().onComplete(silent));
    return silent.future();
  }

  void announce(Hello hello) {
    if (!closed) {
      bus.publish(Addresses.EVENTS_NODE, hello);
    }
  }

  void remove(Membership membership) {
    own.remove(membership.inbox());
  }

  private void heard(Hello hello) {
    if (hello.node().equals(node)) {
      return;
    }
    others.heard(hello);
    bus.write(oldestFrameRead());
  }

  private void tick() {
    others.forgetTheSilent();
    bus.write(oldestFrameRead());
    own.values().forEach(membership -> announce(membership.hello()));
    greet();
  }

  /** The inboxes refuse it, and nobody is told so: it is the way there that counts. */
  private void greet() {
    if (!closed) {
      own.values().stream()
          .findAny()
          .map(Membership::hello)
          .ifPresent(hello ->
              greetings.due(others.hellos().toList()).forEach(inbox -> bus.tell(inbox, hello)));
    }
  }

  private int oldestFrameRead() {
    return others.hellos().mapToInt(Hello::frameVersion).min().orElse(BusCodec.NEWEST_VERSION);
  }

  private static boolean anyReachesItsStore(List<Hello> instances) {
    return instances.stream().anyMatch(Directory::reachesItsStore);
  }

  private static Set<String> nodesThatReachTheirStore(List<Hello> instances) {
    return nodesOf(instances.stream().filter(Directory::reachesItsStore).toList());
  }

  private static boolean reachesItsStore(Hello hello) {
    return hello.store() == null || hello.store().isWhole();
  }

  private static Set<String> nodesOf(List<Hello> instances) {
    return instances.stream().map(Hello::node).collect(Collectors.toSet());
  }

  private static List<Hello> ofNodes(List<Hello> instances, Set<String> nodes) {
    return instances.stream().filter(hello -> nodes.contains(hello.node())).toList();
  }

  private Stream<Hello> ownServing(Kind kind) {
    return serving(own.values().stream().map(Membership::hello), kind);
  }

  private Stream<Hello> othersServing(Kind kind) {
    return serving(others.hellos(), kind);
  }

  private static Stream<Hello> serving(Stream<Hello> hellos, Kind kind) {
    return hellos
        .filter(hello -> hello.kind() == kind && !hello.draining())
        .sorted(Comparator.comparingInt(Hello::load));
  }
}
