package io.consoul.session;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.consoul.message.BeginTurn;
import io.consoul.message.FinishReason;
import io.consoul.message.ListSessions;
import io.consoul.message.Listener;
import io.consoul.message.Owner;
import io.consoul.message.Progress;
import io.consoul.message.ReadMessages;
import io.consoul.message.SealTurn;
import io.consoul.message.SessionChanged;
import io.consoul.message.SessionId;
import io.consoul.message.Tenant;
import io.consoul.message.TokenCounter;
import io.consoul.message.TurnId;
import io.consoul.message.Usage;
import io.consoul.testkit.ManualClock;
import io.consoul.testkit.Ports;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;

/** Two members of a cluster in one JVM with a clock that a test moves, and short ways to write turns at either. */
final class TwoMembers implements AutoCloseable {

  private static final int WAIT = 30;

  /** Longer than a busy machine may stand still, so that no test sees more failures than it makes. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  final ManualClock clock = new ManualClock();
  final List<SessionChanged> changes = new CopyOnWriteArrayList<>();
  final Random random = new Random(1);
  final List<HazelcastInstance> members = new ArrayList<>();
  final List<ClusterStores> stores = new ArrayList<>();
  private final Vertx vertx;
  private final SessionConfig config;
  private final List<Integer> known;
  private final List<Integer> ports = List.of(Ports.free(), Ports.free(), Ports.free());
  private final String name = "test-" + ProcessHandle.current().pid() + "-" + ports.get(0);

  TwoMembers(Vertx vertx, JsonObject config) {
    this(vertx, config, true);
  }

  private TwoMembers(Vertx vertx, JsonObject config, boolean together) {
    this.vertx = vertx;
    this.config = SessionConfig.from(config.copy().put("instances", 1));
    this.known = together ? ports : List.of();
    add();
    add();
    get(catalog(0).count()); // partitions have owners from the first question on
    awaitSafe();
  }

  /** Each is a cluster of its own, under the same name, until they {@link #join}. */
  static TwoMembers apart(Vertx vertx, JsonObject config) {
    return new TwoMembers(vertx, config, false);
  }

  /** They come to know each other's addresses, and are one cluster soon. */
  void join() {
    members.forEach(member -> ports.forEach(port -> member
        .getConfig()
        .getNetworkConfig()
        .getJoin()
        .getTcpIpConfig()
        .addMember("127.0.0.1:" + port)));
    await()
        .atMost(Duration.ofSeconds(WAIT))
        .until(() -> members.stream()
            .allMatch(member -> member.getLifecycleService().isRunning()
                && member.getCluster().getMembers().size() == members.size()));
  }

  /**
   * A cluster that keeps nothing: the one of the test before, where that has left it whole, for to start members takes seconds.
   *
   * @param before may be null
   */
  static TwoMembers fresh(TwoMembers before, Vertx vertx, JsonObject config) {
    if (before != null && before.areWhole()) {
      before.forget();
      return before;
    }
    if (before != null) {
      before.close();
    }
    return new TwoMembers(vertx, config);
  }

  private boolean areWhole() {
    return members.size() == 2
        && members.stream()
            .allMatch(member -> member.getLifecycleService().isRunning()
                && member.getCluster().getMembers().size() == 2);
  }

  private void forget() {
    awaitSafe();
    for (String map : List.of(ClusterMaps.SESSIONS, ClusterMaps.SHELTER)) {
      members.get(0).getMap(map).clear();
      members.get(0).getMap(ClusterMaps.listOf(map)).clear();
    }
    stores.clear();
    members.forEach(member -> stores.add(storesAt(member)));
    changes.clear();
  }

  /** Another member of the cluster. */
  void add() {
    HazelcastInstance member =
        Hazelcast.newHazelcastInstance(config(name, ports.get(members.size()), known));
    members.add(member);
    stores.add(storesAt(member));
  }

  private ClusterStores storesAt(HazelcastInstance member) {
    return new ClusterStores(
        vertx,
        member,
        ClusterMaps.SESSIONS,
        config,
        PATIENCE,
        clock,
        random,
        () -> true,
        changes::add);
  }

  static Config config(String name, int port, List<Integer> ports) {
    Config config = new Config(name + "-" + port).setClusterName(name);
    config
        .setProperty("hazelcast.phone.home.enabled", "false")
        .setProperty("hazelcast.wait.seconds.before.join", "0")
        .setProperty("hazelcast.partition.count", "11")
        .setProperty("hazelcast.socket.bind.any", "false")
        .setProperty("hazelcast.logging.type", "none")
        .setProperty("hazelcast.shutdownhook.enabled", "false")
        .setProperty("hazelcast.graceful.shutdown.max.wait", "5")
        .setProperty("hazelcast.merge.first.run.delay.seconds", "1")
        .setProperty("hazelcast.merge.next.run.delay.seconds", "1")
        .setProperty("hazelcast.operation.thread.count", "2")
        .setProperty("hazelcast.operation.generic.thread.count", "2")
        .setProperty("hazelcast.io.thread.count", "1");
    NetworkConfig network = config.getNetworkConfig().setPort(port).setPortAutoIncrement(false);
    network.getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    JoinConfig join = network.getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true);
    ports.forEach(each -> join.getTcpIpConfig().addMember("127.0.0.1:" + each));
    ClusterMaps.configure(config);
    return config;
  }

  /** Every session has its copy on another member. */
  void awaitSafe() {
    await()
        .atMost(Duration.ofSeconds(WAIT))
        .until(() -> members.stream()
            .filter(member -> member.getLifecycleService().isRunning())
            .allMatch(member -> member.getPartitionService().isClusterSafe()));
  }

  /** As by kill -9. */
  void kill(int member) {
    members.get(member).getLifecycleService().terminate();
  }

  SessionStore store(int member) {
    return stores.get(member).store();
  }

  SessionCatalog catalog(int member) {
    return stores.get(member).catalog();
  }

  /** A name whose session the member holds. */
  String sessionAt(int member) {
    HazelcastInstance wanted = members.get(member);
    for (int i = 0; ; i++) {
      String session = "s" + i;
      if (wanted
          .getPartitionService()
          .getPartition("default:" + session)
          .getOwner()
          .equals(wanted.getCluster().getLocalMember())) {
        return session;
      }
    }
  }

  BeginTurn turn(String session, String text) {
    TurnId id = TurnId.mint(new SessionId(session), random);
    return new BeginTurn(id, Tenant.DEFAULT, text, null, new Listener("listener", 100));
  }

  SessionStore.Begun begin(int member, BeginTurn turn) {
    return get(store(member).begin(turn, TokenCounter.count(turn.text()), "provider"));
  }

  SessionStore.Begun.Granted granted(int member, BeginTurn turn) {
    return (SessionStore.Begun.Granted) begin(member, turn);
  }

  void progress(int member, BeginTurn turn, SessionStore.Lease lease, String text) {
    get(store(member)
        .progress(new Progress(turn.turn(), turn.tenant(), lease.fence(), lease.token(), 0, text)));
  }

  static SealTurn sealOf(BeginTurn turn, SessionStore.Lease lease, String answer) {
    return new SealTurn(
        turn.turn(),
        turn.tenant(),
        lease.fence(),
        lease.token(),
        answer,
        FinishReason.STOP,
        new Usage(1, 1, 0, false),
        "model-1",
        "provider-1");
  }

  void seal(int member, BeginTurn turn, SessionStore.Lease lease, String answer) {
    get(store(member).seal(sealOf(turn, lease, answer)));
  }

  /** A whole turn. */
  void say(int member, String session, String text, String answer) {
    BeginTurn turn = turn(session, text);
    seal(member, turn, granted(member, turn).lease(), answer);
  }

  /** What was said in a session, one line a message, as the member sees it. */
  List<String> history(int member, String session) {
    ReadMessages read = new ReadMessages(new SessionId(session), Tenant.DEFAULT, 1_000, null);
    return get(catalog(member).messages(read)).messages().stream()
        .map(entry -> entry.message().role().wireName() + " " + entry.message().content())
        .toList();
  }

  List<String> list(int member) {
    return list(member, null);
  }

  /** @param owner whose list, or null for the tenant's */
  List<String> list(int member, Owner owner) {
    ListSessions list = new ListSessions(Tenant.DEFAULT, owner, null, 1_000, null, false);
    return get(catalog(member).list(list)).sessions().stream()
        .map(session -> session.session().value())
        .toList();
  }

  static <T> T get(Future<T> future) {
    try {
      return future.await(WAIT, SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("a step without an end", late);
    }
  }

  @Override
  public void close() {
    members.forEach(member -> member.getLifecycleService().terminate());
    assertThat(members).noneMatch(member -> member.getLifecycleService().isRunning());
  }
}
