// An OPC UA server for tests: user mw, password mw-secret; None and Basic256Sha256.
// java [-Dmw.seen=FILE] [-Dmw.expired=true] MiloNode PORT [PAD [COUNTER_ID]]
// mw.seen: a line for each value of the counter that a monitored item has looked at: `item source-time value`.
// plant/say: a number that is written there raises an event of that severity; plant/hot: true makes an alarm active.
import java.io.*; import java.lang.reflect.*; import java.security.*; import java.security.cert.X509Certificate; import java.time.Period; import java.util.*; import java.util.concurrent.*;
import org.eclipse.milo.opcua.sdk.server.*; import org.eclipse.milo.opcua.sdk.server.identity.*; import org.eclipse.milo.opcua.sdk.server.items.*; import org.eclipse.milo.opcua.sdk.server.model.objects.*; import org.eclipse.milo.opcua.sdk.server.nodes.*; import org.eclipse.milo.opcua.sdk.server.nodes.filters.*; import org.eclipse.milo.opcua.sdk.server.util.SubscriptionModel; import org.eclipse.milo.opcua.sdk.core.*;
import org.eclipse.milo.opcua.stack.core.*; import org.eclipse.milo.opcua.stack.core.security.*; import org.eclipse.milo.opcua.stack.core.transport.TransportProfile; import org.eclipse.milo.opcua.stack.core.types.builtin.*; import org.eclipse.milo.opcua.stack.core.types.enumerated.*; import org.eclipse.milo.opcua.stack.core.types.structured.*; import org.eclipse.milo.opcua.stack.core.util.*;
import org.eclipse.milo.opcua.stack.transport.server.tcp.*;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.*;
public class MiloNode {
  static class Ns extends ManagedNamespaceWithLifecycle {
    final SubscriptionModel sm;
    final String counterId;
    Ns(OpcUaServer s, String counterId) { super(s, "urn:mw:plant"); this.counterId = counterId; sm = new SubscriptionModel(s, seen(this)); getLifecycleManager().addLifecycle(sm); getLifecycleManager().addStartupTask(this::fill); }
    /** The same address space; what the server's own sampling reads of the counter is written down. */
    AddressSpace seen(AddressSpace own) {
      String file = System.getProperty("mw.seen"); if (file == null) return own;
      try {
        PrintWriter log = new PrintWriter(new FileWriter(file, true), true); log.println("start");
        IdentityHashMap<ReadValueId, Integer> items = new IdentityHashMap<>(); Map<Integer, Object> last = new HashMap<>();
        return (AddressSpace) Proxy.newProxyInstance(AddressSpace.class.getClassLoader(), new Class<?>[]{ AddressSpace.class }, (p, m, a) -> {
          Object r = m.invoke(own, a);
          if (m.getName().equals("read")) synchronized (items) {
            List<?> ids = (List<?>) a[3]; List<?> values = (List<?>) r;
            for (int i = 0; i < ids.size(); i++) {
              ReadValueId id = (ReadValueId) ids.get(i); DataValue v = (DataValue) values.get(i); Object number = v.getValue().getValue();
              if (!id.getNodeId().equals(newNodeId(counterId)) || !id.getAttributeId().equals(AttributeId.Value.uid())) continue;
              int item = items.computeIfAbsent(id, k -> items.size());
              if (!Objects.equals(last.put(item, number), number)) log.println(item + " " + v.getSourceTime().getUtcTime() + " " + number);
            }
          }
          return r;
        });
      } catch (IOException e) { throw new UncheckedIOException(e); }
    }
    /** Nodes to write to; toPicky refuses what is above 100 itself. */
    void writable(UaFolderNode f) {
      Object[][] types = { { "Boolean", NodeIds.Boolean, false }, { "Byte", NodeIds.Byte, ubyte(0) }, { "Int16", NodeIds.Int16, (short) 0 }, { "UInt32", NodeIds.UInt32, uint(0) }, { "Float", NodeIds.Float, 0f }, { "Double", NodeIds.Double, 0.0 } };
      for (Object[] t : types) var(f, "to" + t[0], "to" + t[0], (NodeId) t[1], new Variant(t[2]), true);
      var(f, "toPicky", "toPicky", NodeIds.Int16, new Variant((short) 0), true).getFilterChain().addLast(new AttributeFilter() {
        public void writeAttribute(AttributeFilterContext c, AttributeId id, Object v) throws UaException {
          if (id == AttributeId.Value && (Short) ((DataValue) v).getValue().getValue() > 100) throw new UaException(StatusCodes.Bad_OutOfRange);
          c.writeAttribute(id, v);
        } });
      var(f, "text", "text", NodeIds.String, new Variant("a"), true);
      UaVariableNode spectrum = var(f, "spectrum", "spectrum", NodeIds.Double, new Variant(new Double[]{ 1.0, 2.0 }), true); spectrum.setValueRank(1); spectrum.setArrayDimensions(new org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger[]{ uint(0) });
    }
    void fire(NodeId type, String id, String message, int severity, Boolean active) throws UaException {
      BaseEventTypeNode e = getServer().getEventFactory().createEvent(newNodeId(id), type);
      e.setEventId(ByteString.of(UUID.randomUUID().toString().getBytes())); e.setEventType(type); e.setSourceNode(newNodeId("plant")); e.setSourceName("plant"); e.setTime(DateTime.now()); e.setReceiveTime(DateTime.now());
      e.setMessage(LocalizedText.english(message)); e.setSeverity(ushort(severity));
      if (active != null) { AlarmConditionTypeNode a = (AlarmConditionTypeNode) e; a.setConditionName("hot"); a.setRetain(active); a.getActiveStateNode().setId(active); a.getActiveStateNode().setTransitionTime(DateTime.now()); a.getAckedStateNode().setId(false); }
      getServer().getEventNotifier().fire(e); e.delete();
    }
    int said = 0; boolean wasHot = false;
    void look(UaVariableNode say, UaVariableNode hot) throws UaException {
      int s = ((Number) say.getValue().getValue().getValue()).intValue(); boolean h = (Boolean) hot.getValue().getValue().getValue();
      if (s != said) { said = s; fire(NodeIds.BaseEventType, "event", "said " + s, s, null); }
      if (h != wasHot) { wasHot = h; fire(NodeIds.OffNormalAlarmType, "hotAlarm", h ? "it is hot" : "it was hot", 700, h); }
    }
    UaVariableNode var(UaFolderNode f, String id, String n, NodeId type, Variant v, boolean w) {
      UaVariableNode x = UaVariableNode.build(getNodeContext(), b -> { b.setNodeId(newNodeId(id)); b.setBrowseName(newQualifiedName(n)); b.setDisplayName(LocalizedText.english(n)); b.setDataType(type); b.setTypeDefinition(NodeIds.BaseDataVariableType);
        b.setAccessLevel(w ? AccessLevel.READ_WRITE : AccessLevel.READ_ONLY); b.setUserAccessLevel(w ? AccessLevel.READ_WRITE : AccessLevel.READ_ONLY); b.setMinimumSamplingInterval(0.0); return b.build(); });
      x.setValue(new DataValue(v)); getNodeManager().addNode(x); f.addOrganizes(x); return x; }
    void fill() {
      UaFolderNode f = new UaFolderNode(getNodeContext(), newNodeId("plant"), newQualifiedName("plant"), LocalizedText.english("plant")); getNodeManager().addNode(f);
      f.addReference(new Reference(f.getNodeId(), NodeIds.Organizes, NodeIds.ObjectsFolder.expanded(), false));
      UaVariableNode c = var(f, counterId, "counter", NodeIds.UInt32, new Variant(uint(0)), false); var(f, "setpoint", "setpoint", NodeIds.Double, new Variant(1.5), true);
      UaVariableNode v = var(f, "vib", "vib", NodeIds.XVType, new Variant(null), false);
      f.setEventNotifier(ubyte(1)); writable(f);
      UaVariableNode say = var(f, "say", "say", NodeIds.UInt16, new Variant(ushort(0)), true); UaVariableNode hot = var(f, "hot", "hot", NodeIds.Boolean, new Variant(false), true);
      int[] i = {0}; ScheduledExecutorService ex = Executors.newSingleThreadScheduledExecutor(r -> { Thread t = new Thread(r); t.setDaemon(true); return t; });
      ex.scheduleAtFixedRate(() -> { try { i[0]++; look(say, hot); c.setValue(new DataValue(new Variant(uint(i[0])))); if (i[0] % 10 == 0) v.setValue(new DataValue(new Variant(ExtensionObject.encode(getServer().getStaticEncodingContext(), new XVType((double) i[0], i[0] * 0.5f))))); } catch (Throwable e) { e.printStackTrace(); } }, 10, 10, TimeUnit.MILLISECONDS);
    }
    public void onEventItemsCreated(List<EventItem> l) { l.forEach(getServer().getEventNotifier()::register); } public void onEventItemsDeleted(List<EventItem> l) { l.forEach(getServer().getEventNotifier()::unregister); }
    public void onDataItemsCreated(List<DataItem> l) { sm.onDataItemsCreated(l); } public void onDataItemsModified(List<DataItem> l) { sm.onDataItemsModified(l); } public void onDataItemsDeleted(List<DataItem> l) { sm.onDataItemsDeleted(l); } public void onMonitoringModeChanged(List<MonitoredItem> l) { sm.onMonitoringModeChanged(l); }
  }
  public static void main(String[] a) throws Exception {
    int port = Integer.parseInt(a[0]); int pad = a.length > 1 ? Integer.parseInt(a[1]) : 0; String uri = "urn:mw:test:milo";
    Security.addProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider());
    CertificateQuarantine q = new MemoryCertificateQuarantine();
    CertificateFactory fac = new RsaSha256CertificateFactory() {
      protected KeyPair createRsaSha256KeyPair() throws NoSuchAlgorithmException { return SelfSignedCertificateGenerator.generateRsaKeyPair(2048); }
      protected X509Certificate[] createRsaSha256CertificateChain(KeyPair kp) throws Exception { return new X509Certificate[]{ new SelfSignedCertificateBuilder(kp).setCommonName("mw milo").setApplicationUri(uri).addDnsName("localhost").addIpAddress("127.0.0.1").setValidityPeriod(Period.ofDays(Boolean.getBoolean("mw.expired") ? -1 : 30)).build() }; } };
    CertificateValidator acceptAll = (chain, u, h) -> { };
    DefaultApplicationGroup g = DefaultApplicationGroup.createAndInitialize(new MemoryTrustListManager(), new MemoryCertificateStore(), fac, acceptAll);
    X509Certificate cert = g.getCertificateChain(NodeIds.RsaSha256ApplicationCertificateType).get()[0];
    Set<EndpointConfig> eps = new LinkedHashSet<>();
    for (SecurityPolicy p : new SecurityPolicy[]{ SecurityPolicy.None, SecurityPolicy.Basic256Sha256 })
      eps.add(EndpointConfig.newBuilder().setBindAddress("127.0.0.1").setHostname("127.0.0.1").setBindPort(port).setPath("/mw").setCertificate(cert).addTokenPolicies(OpcUaServerConfig.USER_TOKEN_POLICY_USERNAME).setSecurityPolicy(p)
        .setSecurityMode(p == SecurityPolicy.None ? MessageSecurityMode.None : MessageSecurityMode.SignAndEncrypt).setTransportProfile(TransportProfile.TCP_UASC_UABINARY).build());
    OpcUaServer s = new OpcUaServer(OpcUaServerConfig.builder().setApplicationUri(uri).setApplicationName(LocalizedText.english("mw")).setProductUri(uri).setEndpoints(eps).setCertificateManager(new DefaultCertificateManager(q, g))
      .setIdentityValidator(new UsernameIdentityValidator(ch -> ch.getUsername().equals("mw") && ch.getPassword().equals("mw-secret"))).build(), p -> new OpcTcpServerTransport(OpcTcpServerTransportConfig.newBuilder().build()));
    for (int i = 0; i < pad; i++) s.getNamespaceTable().add("urn:pad:" + i);
    Ns ns = new Ns(s, a.length > 2 ? a[2] : "counter"); ns.startup(); s.startup().get(); System.out.println("READY ns=" + ns.getNamespaceIndex());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> { try { s.shutdown().get(2, TimeUnit.SECONDS); } catch (Exception e) { } })); Thread.sleep(Long.MAX_VALUE);
  }
}
