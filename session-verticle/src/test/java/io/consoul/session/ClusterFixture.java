package io.consoul.session;

import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.consoul.fault.FaultException;
import io.consoul.message.Swept;
import io.consoul.testkit.Ports;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** The cluster's store on two members in one JVM, with a clock that a test moves: each step is asked of the other one. */
final class ClusterFixture extends StoreFixture {

  /** Two members, for all tests of a class. */
  static final class Members implements AutoCloseable {

    private static final AtomicInteger MAPS = new AtomicInteger();

    private final Vertx vertx = Vertx.vertx();
    private final HazelcastInstance first;
    private final HazelcastInstance second;

    Members() {
      List<Integer> ports = List.of(Ports.free(), Ports.free());
      String name = "test-" + ProcessHandle.current().pid() + "-" + ports.get(0);
      first = Hazelcast.newHazelcastInstance(TwoMembers.config(name, ports.get(0), ports));
      second = Hazelcast.newHazelcastInstance(TwoMembers.config(name, ports.get(1), ports));
    }

    @Override
    public void close() {
      first.getLifecycleService().terminate();
      second.getLifecycleService().terminate();
      get(vertx.close());
    }
  }

  private final HazelcastInstance member;
  private final String map = "consoul.test" + Members.MAPS.incrementAndGet();
  private final SessionConfig config;
  private final AtomicInteger turnOf = new AtomicInteger();
  private final SessionCatalog quiet;

  ClusterFixture(Members members, JsonObject config) {
    this(members, config, new Random(1));
  }

  ClusterFixture(Members members, JsonObject json, Random random) {
    super(random);
    config = SessionConfig.from(json.copy().put("instances", 1));
    member = members.first;
    ClusterStores first = stores(members.vertx, members.first);
    ClusterStores second = stores(members.vertx, members.second);
    quiet = first.catalog();
    store = alternating(SessionStore.class, first.store(), second.store());
    catalog = alternating(SessionCatalog.class, first.catalog(), second.catalog());
  }

  private ClusterStores stores(Vertx vertx, HazelcastInstance at) {
    return new ClusterStores(
        vertx,
        at,
        map,
        config,
        Duration.ofSeconds(20),
        this::now,
        random,
        () -> true,
        changes::add);
  }

  @Override
  Duration lease() {
    return config.lease();
  }

  @Override
  List<StoredMessage> messages(String session) {
    MemorySession found = session(session);
    return found == null ? List.of() : found.transcript().messages();
  }

  @Override
  boolean exists(String session) {
    return session(session) != null;
  }

  /** How many names something is kept of. */
  int cells() {
    return member.getMap(map).size();
  }

  @Override
  public void close() {
    member.getMap(map).destroy();
    member.getMap(ClusterMaps.listOf(map)).destroy();
  }

  /** As it is, but for one whose time is over: that one is forgotten, as by whoever looks for it. */
  private MemorySession session(String session) {
    Cell cell = (Cell) member.getMap(map).get("default:" + session);
    MemorySession found = cell == null ? null : cell.session();
    if (found == null || !found.isExpired(now())) {
      return found;
    }
    try {
      get(quiet.read(new io.consoul.message.ReadSession(found.id(), found.tenant())));
    } catch (FaultException gone) {
      return null;
    }
    throw new AssertionError("a session whose time is over can be read");
  }

  private <T> T alternating(Class<T> type, T one, T other) {
    return type.cast(Proxy.newProxyInstance(
        type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
          boolean first = turnOf.incrementAndGet() % 2 == 0;
          try {
            Object answer = method.invoke(first ? one : other, arguments);
            return method.getName().equals("sweep")
                ? both(
                    (Future<?>) answer, (Future<?>) method.invoke(first ? other : one, arguments))
                : answer;
          } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
          }
        }));
  }

  /** Each member sweeps what it holds. */
  private static Future<Swept> both(Future<?> one, Future<?> other) {
    return Future.all(one, other).map(done -> {
      Swept first = (Swept) one.result();
      Swept second = (Swept) other.result();
      return new Swept(
          first.expired() + second.expired(),
          first.orphans() + second.orphans(),
          first.more() || second.more());
    });
  }
}
