package io.consoul.launcher;

import com.hazelcast.cluster.Cluster;
import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.core.LifecycleListener;
import io.consoul.message.Addresses;
import io.consoul.message.NodeChanged;
import io.consoul.message.NodeChanged.Change;
import io.consoul.node.Node;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is in the cluster, by what Hazelcast says: tells the directory at once, the log in a line, and of who has left whoever
 * listens to events. It compares what there is with what there was, so that nothing depends on which events come, and in which
 * order: after a partition they come in any, and the members have new names; the ids of their nodes stay.
 */
final class Members implements MembershipListener, LifecycleListener {

  /** Under which vertx-hazelcast notes a node's id with its member. */
  static final String NODE_ID = "__vertx.nodeId";

  /** A node that starts on a busy machine has said hello by then. */
  private static final Duration FIRST_HELLO = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(Members.class);

  private final Vertx vertx;
  private final HazelcastInstance member;
  private final Node node;
  private final Runnable appeared;
  private final Map<String, String> addresses = new LinkedHashMap<>();
  private UUID membership;
  private UUID lifecycle;
  private boolean closed;

  private Members(Vertx vertx, HazelcastInstance member, Node node, Runnable appeared) {
    this.vertx = vertx;
    this.member = member;
    this.node = node;
    this.appeared = appeared;
  }

  /**
   * Of a node that has joined.
   *
   * @param appeared run when another one has come, or this one has come back to the others
   */
  static Members watch(Vertx vertx, HazelcastInstance member, Node node, Runnable appeared) {
    Members members = new Members(vertx, member, node, appeared);
    members.membership = member.getCluster().addMembershipListener(members);
    members.lifecycle = member.getLifecycleService().addLifecycleListener(members);
    members.compare();
    return members;
  }

  /** The ids of all nodes, this one's too, the one that is longest there first. */
  synchronized Set<String> ids() {
    return Set.copyOf(addresses.keySet());
  }

  /** Nothing is told any more: the node itself is about to leave. */
  synchronized void close() {
    closed = true;
    if (!member.getLifecycleService().isRunning()) {
      return; // it has nobody to tell any more, and would say so by failing
    }
    member.getCluster().removeMembershipListener(membership);
    member.getLifecycleService().removeLifecycleListener(lifecycle);
  }

  @Override
  public void memberAdded(MembershipEvent event) {
    compare();
    if (event.getMember().getAttribute(NODE_ID) != null) { // also another application's
      appeared();
    }
  }

  @Override
  public void memberRemoved(MembershipEvent event) {
    compare();
  }

  /** A member that joins another part of the cluster is not told of those that it finds there. */
  @Override
  public void stateChanged(LifecycleEvent event) {
    if (event.getState() == LifecycleState.MERGED) {
      compare();
      appeared();
    }
  }

  private synchronized void appeared() {
    if (!closed) {
      appeared.run();
    }
  }

  private synchronized void compare() {
    if (closed) {
      return;
    }
    Map<String, String> now = present(member.getCluster());
    Map<String, String> before = new LinkedHashMap<>(addresses);
    addresses.clear();
    addresses.putAll(now);
    Set<String> left = new HashSet<>(before.keySet());
    left.removeAll(now.keySet());
    left.forEach(id -> left(id, before.get(id)));
    now.forEach((id, address) -> {
      if (!before.containsKey(id)) {
        joined(id, address);
      }
    });
  }

  private void left(String id, String address) {
    node.directory().nodeLeft(id);
    log.info("node {} at {} has left; nodes now: {}", id, address, addresses.size());
    node.bus()
        .announce(Addresses.EVENTS_CLUSTER, new NodeChanged(id, Change.LEFT, addresses.size()));
  }

  private void joined(String id, String address) {
    if (id.equals(node.id())) {
      log.info("this is node {} at {}; nodes now: {}", id, address, addresses.size());
    } else {
      node.directory().nodeJoined(id);
      log.info("node {} at {} is there; nodes now: {}", id, address, addresses.size());
      vertx.setTimer(FIRST_HELLO.toMillis(), late -> checkHeard(id, address));
    }
  }

  /** Hazelcast's port and the event bus's are two: the one may be open between two nodes, and the other not. */
  private synchronized void checkHeard(String id, String address) {
    // Nodes of the version before say hello under another id: one that is heard of may be this one.
    boolean allHeard = node.directory().nodes() >= addresses.size();
    if (!closed && addresses.containsKey(id) && !node.directory().knowsNode(id) && !allHeard) {
      log.warn(
          "node {} at {} is in the cluster, but nothing is heard of it on the event bus: is the port of its event bus"
              + " open to this node, and this one's to it? (cluster.xml: consoul.event-bus.*)",
          id,
          address);
    }
  }

  /** Other applications on the event bus are lite members (docs/event-bus.md); who has no id is on no event bus. */
  private static Map<String, String> present(Cluster cluster) {
    Map<String, String> present = new LinkedHashMap<>();
    for (Member each : cluster.getMembers()) {
      String id = each.getAttribute(NODE_ID);
      boolean consoul = !each.isLiteMember() || each.getAttribute(ClusterFile.NODE) != null;
      if (id != null && consoul) {
        present.put(id, each.getAddress().getHost() + ":" + each.getAddress().getPort());
      }
    }
    return present;
  }
}
