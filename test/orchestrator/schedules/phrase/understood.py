"""Writes understood.jsonl: phrases and the instants they mean, computed day by day with zoneinfo alone."""
import json, pathlib, datetime as D
from zoneinfo import ZoneInfo
UTC=D.timezone.utc
def place(zone,wall):
    z=ZoneInfo(zone); a=wall.replace(tzinfo=z,fold=0).astimezone(UTC)
    if a.astimezone(z).replace(tzinfo=None)==wall: return a
    t=wall
    while True:
        t+=D.timedelta(minutes=1)
        a=t.replace(tzinfo=z,fold=0).astimezone(UTC)
        if a.astimezone(z).replace(tzinfo=None)==t: return a
def cal(pred,times,until=None,first=None,count=None):
    def run(now,zone):
        out=[];d=(now.astimezone(ZoneInfo(zone))).date()-D.timedelta(days=1)
        n=0
        for _ in range(366*60):
            if (first is None or d>=first) and (until is None or d<=until) and pred(d):
                for m in times:
                    at=place(zone,D.datetime(d.year,d.month,d.day)+D.timedelta(minutes=m))
                    if at>now and at not in out: out.append(at)
                    if len(out)>=(count or 12) or len(out)>=12: return out
            d+=D.timedelta(days=1)
        return out
    return run
def iv(sec,anchor,until=None):
    a=D.datetime.fromisoformat(anchor.replace('Z','+00:00'))
    u=D.datetime.fromisoformat(until.replace('Z','+00:00')) if until else None
    def run(now,zone):
        out=[];t=a
        while len(out)<12:
            if u and t>u: break
            if t>now: out.append(t)
            t+=D.timedelta(seconds=sec)
        return out
    return run
def once(y,mo,d,h,mi=0,s=0):
    return lambda now,zone:[place(zone,D.datetime(y,mo,d,h,mi,s))]
day=lambda d:True
wd=lambda *n:(lambda d:d.weekday() in n)
WORK=wd(0,1,2,3,4)
def last(d): return (d+D.timedelta(days=1)).month!=d.month
def dom(*n): return lambda d:d.day in n
def nth(k,w):
    def f(d):
        if d.weekday()!=w: return False
        return (d.day-1)//7+1==k if k>0 else (d+D.timedelta(days=7)).month!=d.month
    return f
def firstwork(d): return d.weekday()<5 and all((d-D.timedelta(days=i)).weekday()>4 for i in range(1,d.day))
def lastwork(d):
    if d.weekday()>4: return False
    e=d+D.timedelta(days=1)
    while e.month==d.month:
        if e.weekday()<5: return False
        e+=D.timedelta(days=1)
    return True
def everydays(n,start): 
    s=D.date(*start); return lambda d:d>=s and (d-s).days%n==0
def everyweeks(n,start,*days):
    s=D.date(*start); mon=s-D.timedelta(days=s.weekday())
    return lambda d:d>=s and d.weekday() in days and ((d-mon).days//7)%n==0
def months(p,*ms): return lambda d:p(d) and d.month in ms
def t(*hs): return [int(h.split(':')[0])*60+int(h.split(':')[1]) for h in hs]
def step(a,b,n): return list(range(a,b+1,n))
P='Europe/Paris';N1='2026-11-24T08:00:00Z'  # Tue 09:00 Paris
N2='2026-03-27T12:00:00Z' # two days before spring change in Europe
N3='2026-10-23T10:00:00Z' # before autumn
N4='2026-03-06T15:30:20Z' # before US spring (8 Mar)
C=[]
def add(spec,phrases,zone=P,now=N1,inzone=None,instr='check the site'):
    for p in phrases.strip().split('\n'):
        p=p.strip()
        n=D.datetime.fromisoformat(now.replace('Z','+00:00'))
        z=inzone or zone
        nx=[x.strftime('%Y-%m-%dT%H:%M:%SZ') for x in spec(n,z)]
        text=p.replace('_',instr)
        C.append({'phrase':text,'zone':zone,'now':now,'in':z,'instruction':instr,'next':nx})
add(cal(WORK,t('9:00')),'''every weekday at 9 _
_ every weekday at 9
every weekday at 9am, _
every weekday at 09:00: _
Every Weekday At 9 AM _
each workday at 9 o'clock _
every business day at nine _
weekdays at 9 _
weekday mornings _
on weekdays at 0900 _
Mon-Fri at 9 _
mon – fri 9am _
Monday through Friday at 9:00 _
from Monday to Friday at 9 _
every Monday, Tuesday, Wednesday, Thursday and Friday at 9 _
every day except weekends at 9 _
please, every weekday at 9, _
_ every weekday at 9 please
every weekday at 9 sharp _
at 9 every weekday _
every working day at 9.00 _
every weekday in the morning _
at 9 _ every weekday
every weekday _ at 9
_, every weekday at 9''')
add(cal(day,t('9:00')),'''every morning _
every day at 9 _
daily at 9 _
everyday at 9 _
each day at 9h _
every single day @ 9 _
once a day at 9 _
_ every morning''')
add(cal(day,t('18:30')),'''every evening at half past six _
every day at 18:30 _
every day at 6:30pm _
every day at 6.30 p.m. _
every day at 18h30 _
every day at 1830 _
every evening at 6:30 _
every day at half past six in the evening _''')
add(cal(day,t('7:45')),'''every day at quarter to eight _
every morning at a quarter to eight _
every day at 7:45 _''')
add(cal(day,t('12:00')),'''every day at noon _
every lunch _
every day at 12pm _
daily at midday _''')
add(cal(day,t('0:00')),'''every day at midnight _
every day at 12am _
every midnight _''')
add(cal(day,t('21:00')),'''every night _
nightly _
every night at 9 _
every day at 9 in the evening _''')
add(cal(day,t('2:00')),'every night at 2 _')
add(cal(day,t('15:00')),'''every afternoon _
every afternoon at 3 _''')
add(cal(day,t('9:00','18:00')),'every morning and evening _')
add(cal(day,t('9:00','17:00')),'''every day at 9 and 17 _
twice a day at 9 and 17 _
every day at 9am and 5pm _
every day at 9 and 5pm _
every day at 9:00 & 17:00 _''')
add(cal(day,t('9:15','14:30')),'every day at 9:15 and 14:30 _')
add(cal(wd(0,3),t('9:15','14:30')),'every Monday and Thursday at 9:15 and 14:30 _')
add(cal(wd(0),t('9:00')),'''every Monday at 9 _
Mondays at 9 _
on Mondays at 9 _
every week on Monday at 9 _
weekly on Monday at 9 _
once a week on Monday at 9 _
every monday morning _
every mondey at 9 _''')
add(cal(wd(2),t('9:00')),'''every wendesday at 9 _
every Weds at 9 _''')
add(cal(wd(0,2,4),t('10:00')),'''every Mon, Wed & Fri at 10 _
mon/wed/fri at 10 _
every Monday and Wednesday and Friday at 10 _
on Mondays, Wednesdays and Fridays at 10 _''')
add(cal(wd(5,6),t('11:00')),'''every weekend at 11 _
weekends at 11 _
on weekends at 11am _''')
add(cal(wd(0,1,2,3,4,5),t('9:00')),'''every day except Sunday at 9 _
every day at 9 but not on Sundays _
Monday to Saturday at 9 _''')
add(cal(wd(0,1,3,4),t('9:00')),'every weekday except Wednesdays at 9 _')
add(cal(everydays(3,(2026,11,25)),t('9:00')),'''every 3 days at 9 _
every third day at 9 _''')
add(cal(everydays(2,(2026,11,24)),t('10:00')),'''every other day at 10 _
every 2nd day at 10 _
every two days at 10 _''')
add(cal(everyweeks(2,(2026,11,30),0),t('9:00')),'''every 2 weeks on Monday at 9 _
every other Monday at 9 _
every other week on Monday at 9 _
fortnightly on Mondays at 9 _
every fortnight on Monday at 9 _''')
add(cal(everyweeks(2,(2026,11,26),1,3),t('9:00')),'every 2 weeks on Tue and Thu at 9 _')
add(cal(dom(15),t('10:00')),'''every month on the 15th at 10 _
on the 15th of every month at 10 _
monthly on the 15th at 10 _
every 15th at 10 _
the 15th of each month at 10 _
on day 15 of the month at 10 _''')
add(cal(dom(1,15),t('9:00')),'''on the 1st and 15th of every month at 9 _
every 1st and 15th at 9 _''')
add(cal(dom(1),t('9:00')),'''every month on the first at 9 _
first of every month at 9 _
on the first of the month at 9am _''')
add(cal(nth(2,4),t('10:00')),'every month on the second Friday at 10 _')
add(cal(WORK,step(510,720,30)),'every 30 minutes between half past eight and noon on weekdays _')
add(cal(day,t('9:00')),'every day of the week at 9 _')
add(cal(day,t('9:00')),'every day at 9 AM Pacific _',inzone='America/Los_Angeles')
add(iv(3600,N1,'2026-11-25T08:00:00Z'),'every hour for a day _')
add(iv(3600,N1),'alert me every hour if the site is down',instr='alert me if the site is down')
add(cal(wd(4),t('16:00')),'please remind us every Friday at 16:00 about timesheets',instr='please remind us about timesheets')
add(cal(dom(31),t('9:00')),'every month on the 31st at 9 _')
add(cal(last,t('18:00')),'''on the last day of every month at 18 _
every last day of the month at 6pm _
at the end of every month at 18:00 _
at month end at 18:00 _''')
add(cal(nth(1,0),t('9:00')),'''on the first Monday of every month at 9 _
every first Monday of the month at 9 _
every first Monday at 9 _
the 1st Monday of each month at 9 _
every month on the first Monday at 9 _''')
add(cal(nth(2,1),t('10:00')),'''every second Tuesday of the month at 10 _
on the 2nd Tuesday of every month at 10 _''')
add(cal(nth(-1,4),t('16:00')),'''every last Friday of the month at 16 _
last Friday of every month at 4pm _''')
add(cal(lambda d:nth(1,0)(d) or nth(3,0)(d),t('9:00')),'on the first and third Monday of the month at 9 _')
add(cal(firstwork,t('9:00')),'on the first business day of every month at 9 _')
add(cal(lastwork,t('17:00')),'''on the last business day of every month at 17 _
every last weekday of the month at 5pm _
on the last working day of each month at 17:00 _''')
add(cal(lambda d:d.day==1 and d.month in (1,4,7,10),t('9:00')),'''on the first day of every quarter at 9 _
every quarter on the 1st at 9 _
on the 1st of January, April, July and October at 9 _''')
add(cal(lambda d:lastwork(d) and d.month in (3,6,9,12),t('17:00')),'on the last business day of every quarter at 17 _')
add(cal(lambda d:d.day==1 and d.month in (12,3,6,9),t('9:00')),'every 3 months on the 1st at 9 _')
add(cal(lambda d:(d.month,d.day)==(12,3),t('9:00')),'''every year on 3 December at 9 _
every 3 December at 9 _
every December 3rd at 9 _
yearly on the 3rd of December at 9 _
annually on 3 Dec at 9 _
on 3 December every year at 9 _''')
add(cal(lambda d:(d.month,d.day)==(2,29),t('9:00')),'every 29 February at 9 _')
add(cal(months(wd(0),7,8),t('9:00')),'every Monday in July and August at 9 _')
add(cal(months(day,12),t('8:00')),'every day in December at 8 _')
add(cal(WORK,t('9:00'),first=D.date(2026,12,1)),'''every weekday at 9 starting 1 December _
every weekday at 9 from December 1st _''')
add(cal(WORK,t('9:00'),until=D.date(2026,12,3)),'''every weekday at 9 until 3 December _
every weekday until 3 December at 9 _''')
add(cal(WORK,t('9:00'),first=D.date(2026,12,1),until=D.date(2026,12,4)),'every weekday at 9 from 1 December to 4 December _')
add(cal(day,t('9:00'),until=D.date(2026,11,29)),'every day at 9 for 5 days _')
add(cal(day,t('9:00'),count=10),'''every day at 9 10 times _
every day at 9, 10 times: _
every day at 9 for 10 times _''')
add(iv(60,'2026-11-24T08:00:00Z'),'''every minute _
_ every minute
every 1 minute _''')
add(iv(900,'2026-11-24T08:00:00Z'),'''every 15 minutes _
every fifteen minutes _
every 15min _
every 15 mins _
every quarter of an hour _
_ every 15 minutes''')
add(iv(3600,'2026-11-24T08:00:00Z'),'''every hour _
hourly _
every 60 minutes _
each hour _
every hour on the hour _
@ the top of every hour _''')
add(iv(1800,'2026-11-24T08:00:00Z'),'''every half hour _
every 30 minutes _
half-hourly _
every half an hour _''')
add(iv(3600,'2026-11-24T07:30:00Z'),'''every hour on the half hour _
every hour at :30 _
every hour at half past the hour _
at 30 minutes past every hour _''')
add(iv(3600,'2026-11-24T07:15:00Z'),'''every hour at 15 past _
at quarter past every hour _''')
add(iv(7200,'2026-11-24T08:00:00Z'),'''every 2 hours _
every other hour _
every two hours _
every 2h _
every couple of hours _''')
add(iv(5400,'2026-11-24T08:00:00Z'),'''every 90 minutes _
every 1.5 hours _
every hour and a half _
every 1 hour and 30 minutes _''')
add(iv(7*60,'2026-11-24T08:00:00Z'),'every 7 minutes _')
add(iv(2700,'2026-11-24T08:00:00Z'),'every forty-five minutes _')
add(iv(900,'2026-11-24T08:00:00Z','2026-11-24T10:00:00Z'),'''every 15 minutes for 2 hours _
every 15 minutes until 11:00 _''')
add(iv(600,'2026-11-24T08:00:00Z','2026-11-24T09:00:00Z'),'every 10 minutes 6 times _')
add(iv(7200,'2026-11-24T07:00:00Z'),'every 2 hours starting at 8:00 _')
add(cal(WORK,step(540,1020,15)),'''every 15 minutes between 9 and 17 on weekdays _
every 15 minutes from 9am to 5pm Monday to Friday _
every weekday every 15 minutes between 9:00 and 17:00 _
weekdays 9-17 every 15 min _''')
add(cal(day,step(540,1020,60)),'''every hour between 9 and 17 _
every hour from 9am to 5pm _
hourly from 9:00 until 17:00 _
every hour 9-17 _''')
add(cal(WORK,step(480,1200,120)),'every 2 hours from 8 to 20 on weekdays _')
add(cal(day,sorted([22*60,23*60]+[i*60 for i in range(0,7)])),'every hour between 22:00 and 6:00 _')
add(once(2026,11,24,9,20),'''in 20 minutes _
_ in 20 minutes
in twenty minutes _
20 minutes from now _''')
add(once(2026,11,24,10),'in an hour _')
add(once(2026,11,24,9,30),'in half an hour _')
add(once(2026,11,24,11,30),'''in 2 hours and 30 minutes _
in 2h30 _
in 2.5 hours _''')
add(once(2026,11,25,17),'''tomorrow at 5pm _
_ tomorrow at 17:00
tommorow at 17 _
tomorrow 5pm _''')
add(once(2026,11,25,9),'''tomorrow morning _
tomorrow at 9 _
next Wednesday at 9 _''')
add(once(2026,11,24,18),'''today at 18:00 _
this evening _''')
add(once(2026,11,24,21),'tonight _')
add(once(2026,11,26,9),'the day after tomorrow at 9 _')
add(once(2026,11,27,9),'''in 3 days at 9 _
this Friday at 9 _''')
add(once(2026,12,3,14),'''on 3 December 2026 at 14:00 _
on 3 December at 14:00 _
on December 3rd, 2026 at 2pm _
3 Dec at 14h _
on the 3rd of December at 14:00 _
on Thursday 3 December at 14:00 _
2026-12-03 14:00 _
on 2026-12-03 at 14:00 _
03.12.2026 at 14:00 _
once, on 3 December at 14:00 _''')
add(once(2026,12,24,18),'on 24/12/2026 at 18:00 _')
# zones
add(cal(day,t('9:00')),'''every day at 9 in Asia/Tokyo _
every day at 9 Asia/Tokyo _
every day at 9 in Tokyo _
every day at 9 Tokyo time _
every day at 9 JST _
every day at 9 (asia/tokyo) _''',inzone='Asia/Tokyo')
add(cal(WORK,t('9:00')),'''every weekday at 9am EST _
every weekday at 9 in New York _
every weekday at 9 Eastern time _
every weekday at 9 ET _''',inzone='America/New_York')
add(cal(day,t('9:00')),'''every day at 9 UTC _
every day at 9 GMT _''',inzone='UTC')
add(cal(day,t('8:00')),'every day at 8 in San Francisco _',inzone='America/Los_Angeles')
add(cal(day,t('8:00')),'every day at 8 UTC+2 _',inzone='Etc/GMT-2')
add(cal(day,t('8:00')),'every day at 8 in India _',inzone='Asia/Kolkata')
add(iv(3600,'2026-11-24T07:30:00Z'),'every hour _',zone='Asia/Kolkata')
add(cal(day,t('9:00')),'every day at 9 _',zone='Asia/Kathmandu')
add(cal(day,t('9:00')),'every day at 9 _',zone='Australia/Lord_Howe',now='2026-10-02T12:00:00Z')
# clock changes
add(cal(day,t('2:30')),'every day at 2:30 _',now=N2)
add(cal(day,t('2:30')),'every day at 2:30 _',now=N3)
add(cal(day,t('2:00')),'every night at 2 _',now=N2)
add(cal(day,t('3:00')),'every day at 3 _',now=N2)
add(cal(wd(6),t('2:15','2:45')),'every Sunday at 2:15 and 2:45 _',now=N2)
add(cal(wd(6),t('2:15','2:45')),'every Sunday at 2:15 and 2:45 _',now=N3)
add(cal(day,step(60,240,30)),'every 30 minutes between 1:00 and 4:00 _',now='2026-03-28T20:00:00Z')
add(cal(day,step(60,240,30)),'every 30 minutes between 1:00 and 4:00 _',now='2026-10-24T20:00:00Z')
add(cal(day,t('2:30')),'every day at 2:30 _',zone='America/New_York',now=N4)
add(cal(day,t('9:00')),'every day at 9 _',zone='America/New_York',now=N4)
add(cal(day,t('1:30')),'every day at 1:30 _',zone='America/New_York',now='2026-10-30T15:30:20Z')
add(cal(day,t('2:15')),'every day at 2:15 _',zone='Australia/Lord_Howe',now='2026-10-02T12:00:00Z')
add(cal(day,t('0:00')),'every day at midnight _',zone='Africa/Cairo',now='2026-04-22T12:00:00Z')
add(iv(1800,'2026-03-29T00:00:00Z'),'every 30 minutes _',now='2026-03-29T00:10:00Z')
add(iv(3600,'2026-10-24T22:00:00Z'),'every hour _',now='2026-10-24T22:10:00Z')
add(iv(7200,'2026-10-24T22:00:00Z'),'every 2 hours _',now='2026-10-24T22:10:00Z')
add(once(2026,3,29,2,30),'on 29 March at 2:30 _',now=N2)
add(once(2026,10,25,2,30),'on 25 October at 2:30 _',now=N3)
# cron
add(cal(WORK,t('9:00')),'''cron 0 9 * * 1-5 _
0 9 * * 1-5 _
cron "0 9 * * MON-FRI" _
_ cron 0 9 * * 1-5''')
add(cal(day,step(0,1439,15)),'cron */15 * * * * _')
add(cal(last,t('9:00')),'cron 0 9 L * * _')
add(cal(nth(2,4),t('9:00')),'cron 0 9 * * 5#2 _')
add(cal(nth(-1,4),t('9:00')),'cron 0 9 * * 5L _')
add(cal(lambda d:d.day==13 or d.weekday()==4,t('9:00')),'cron 0 9 13 * 5 _')
add(cal(day,t('2:30')),'cron 30 2 * * * _',now=N2)
add(cal(day,t('2:30')),'cron 30 2 * * * _',now=N3)
add(cal(lambda d:(d.month,d.day)==(2,29),t('0:00')),'cron 0 0 29 2 * _')
# both sides and instructions byte for byte
W=cal(WORK,t('9:00'))
for i in ['summarise open PRs in acme/api','summarise PRs opened every night','check http://127.0.0.1:8123/status?a=b&c=1 and tell me when it changes','post "stand up every day at 9" in #general','list 5 PRs, 3 issues — and  the rest','報告 を 送る ✅','check changes since Monday','weekly report','remind @anna about the release','say it\'s 9 o\'clock','at least 2 reviewers should look','in acme/api, close stale issues']:
    add(W,'every weekday at 9 _\nevery weekday at 9: _',instr=i)
for i in ['summarise open PRs in acme/api','list open PRs','check http://127.0.0.1:8123/?every=day&at=9','post the plan for Friday','summarise the 5 newest issues','report the weather in Paris','count PRs older than 2 days','weekly report','check changes since Monday','post “every day at 10” to #ops']:
    add(W,'_ every weekday at 9',instr=i)
add(iv(60,N1),'every minute _',instr='check http://127.0.0.1:8123/status?a=b&c=1 and tell me when it changes')
add(cal(day,t('9:00')),'remind me every day at 9 to drink water',instr='remind me to drink water')
add(once(2026,11,25,9),'remind me tomorrow at 9 to call Bob',instr='remind me to call Bob')
add(once(2026,11,24,9,20),'remind me in 20 minutes to call Bob',instr='remind me to call Bob')
rows=['  '+json.dumps(c,ensure_ascii=False) for c in C]
open(pathlib.Path(__file__).with_suffix('.jsonl'),'w').write('\n'.join(r.strip() for r in rows)+'\n')
print(len(C))
